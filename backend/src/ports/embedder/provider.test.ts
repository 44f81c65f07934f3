import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { lettersOf, startEmbeddingServer } from './embedding-server.ts'
import { createProviderEmbedder, type ProviderEmbedding } from './provider.ts'
import { unitLength } from './texts.ts'

let server: Awaited<ReturnType<typeof startEmbeddingServer>>
beforeAll(async () => {
  server = await startEmbeddingServer()
})
afterEach(() => void server.requests.splice(0))
afterAll(() => server.close())

const open = (settings: Partial<ProviderEmbedding> = {}) =>
  createProviderEmbedder({
    provider: 'openai',
    modelId: 'text-embedding-3-small',
    dimensions: 16,
    apiKey: 'sk-secret',
    baseUrl: server.baseUrl,
    ...settings,
  })

const near = (vector: number[]) => unitLength(vector).map((value) => expect.closeTo(value, 5))

it.each(['openai', 'google', 'compatible'] as const)(
  'gives unit vectors of %s in the order of the texts',
  async (provider) => {
    const embedder = open({ provider, modelId: 'some-model', dimensions: 8 })
    expect(embedder.id).toBe(`${provider}/some-model@8`)
    const texts = Array.from({ length: embedder.batchSize + 2 }, (_, index) => `text ${index}`)
    const vectors = await embedder.embed(texts, undefined, 'bulk')
    expect(vectors).toEqual(texts.map((text) => near(lettersOf(text, 8))))
    expect(server.requests).toHaveLength(2)
    expect(await embedder.embed([])).toEqual([])
  },
)

it('asks OpenAI and Google for the number of dimensions, and says to Google what a text is for', async () => {
  await open().embed(['a question'])
  expect(server.requests[0]).toMatchObject({ url: '/v1/embeddings', body: { dimensions: 16 }, key: 'Bearer sk-secret' })
  const google = open({ provider: 'google', modelId: 'gemini-embedding-001' })
  await google.embed(['a question'])
  await google.embed(['one', 'two'], undefined, 'bulk')
  const task = { outputDimensionality: 16, taskType: 'RETRIEVAL_DOCUMENT' }
  expect(server.requests.slice(1)).toMatchObject([
    { url: '/v1/models/gemini-embedding-001:embedContent', key: 'sk-secret', body: { taskType: 'RETRIEVAL_QUERY' } },
    { url: '/v1/models/gemini-embedding-001:batchEmbedContents', body: { requests: [task, task] } },
  ])
})

it('writes the prefixes of a model of one’s own before its texts', async () => {
  const embedder = open({
    provider: 'compatible',
    dimensions: 8,
    prefixes: { question: 'query: ', passage: 'passage: ' },
  })
  await embedder.embed(['who?'])
  await embedder.embed(['she'], undefined, 'bulk')
  expect(server.requests.map(({ body }) => body.input)).toEqual([['query: who?'], ['passage: she']])
})

it('takes an empty text, a very long one and half a character', async () => {
  const vectors = await open().embed(['', 'long '.repeat(100_000), '\ud83d'], undefined, 'bulk')
  expect(vectors).toHaveLength(3)
  expect(server.requests[0]?.body.input?.map((text) => text.length)).toEqual([1, 7_999, 1])
})

it('tries again after what passes, and waits as long as the provider asks', async () => {
  server.failNext({ status: 500 }, { status: 429, headers: { 'retry-after': '0' } })
  expect(await open().embed(['text'], undefined, 'bulk')).toHaveLength(1)
  expect(server.requests).toHaveLength(3)
})

it('does not let a question wait for a provider that wants a minute', async () => {
  server.failNext({ status: 429, headers: { 'retry-after': '60' } })
  const failure = open().embed(['text'])
  await expect(failure).rejects.toMatchObject({ code: 'model_rate_limited', retryAfterSeconds: 60 })
  expect(server.requests).toHaveLength(1)
})

it.each([
  [401, 'model_unauthorized', /refused the key.*Check OPENAI_API_KEY/],
  [404, 'model_not_found', /Correct NITRO_EMBEDDING_MODEL/],
  [400, 'model_failed', /did not accept/],
  [302, 'model_failed', /redirects/],
])(
  'says what to do about status %d, without the provider’s own words, and its health does so too',
  async (status, code, words) => {
    const embedder = open()
    await embedder.check()
    server.failNext({ status, headers: { location: 'http://127.0.0.1:1' } })
    const failure = (await embedder.embed(['text'], undefined, 'bulk').catch((error: unknown) => error)) as Error
    expect(failure).toMatchObject({ code, message: expect.stringMatching(words) })
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain('sk-secret')
    await expect(embedder.check()).rejects.toThrow(words)
    await embedder.embed(['text'])
    await embedder.check()
  },
)

it('says which setting is right when vectors have another size', async () => {
  const embedder = open({ provider: 'compatible', modelId: 'bge', dimensions: 768 })
  await expect(embedder.embed(['text'])).rejects.toThrow('Set NITRO_EMBEDDING_MODEL to compatible/bge@8')
})

it('says what to do when nobody answers, and when what answers is something else', async () => {
  const down = open({ provider: 'compatible', baseUrl: 'http://127.0.0.1:1/v1' })
  await expect(down.embed(['text'])).rejects.toThrow('cannot be reached. Check OPENAI_COMPATIBLE_BASE_URL')
  server.failNext({ status: 200, body: '<html>' })
  const wrong = open({ provider: 'compatible' }).embed(['text'])
  await expect(wrong).rejects.toThrow('not vectors. Check OPENAI_COMPATIBLE_BASE_URL')
})

it('gives up when the call is aborted', async () => {
  const gone = AbortSignal.abort(new Error('gone'))
  await expect(open().embed(['late'], gone)).rejects.toThrow('gone')
  server.failNext({ status: 429, headers: { 'retry-after': '20' } })
  const abort = new AbortController()
  const waiting = open().embed(['late'], abort.signal, 'bulk')
  setTimeout(() => abort.abort(new Error('enough')), 50)
  await expect(waiting).rejects.toThrow('enough')
})

it('speaks the AI SDK’s embedding interface', async () => {
  const { embeddings } = await open().model.doEmbed({ values: ['one', 'two'] })
  expect(embeddings.map((vector) => vector.length)).toEqual([16, 16])
})
