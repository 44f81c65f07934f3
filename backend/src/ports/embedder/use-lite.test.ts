import { afterAll, expect, it } from 'vitest'
import { createUseLiteEmbedder } from './use-lite.ts'

const embedder = createUseLiteEmbedder({ workers: 1 })
afterAll(() => embedder.close())

const cosine = (a: number[], b: number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0)

it('puts what means the same closer together, as vectors of length one, in the order of the texts', async () => {
  const texts = ['How old are you?', 'What is your age?', 'The oil price rose sharply.']
  const [age, old, oil] = (await embedder.embed(texts)) as [number[], number[], number[]]
  expect(age).toHaveLength(embedder.dimensions)
  for (const vector of [age, old, oil]) expect(Math.hypot(...vector)).toBeCloseTo(1)
  expect(cosine(age, old)).toBeGreaterThan(cosine(age, oil) + 0.2)
  const [again] = await embedder.embed([texts[2]!], undefined, 'bulk')
  expect(cosine(again!, oil)).toBeCloseTo(1, 4)
})

it('takes more texts than a batch, an empty one, none, and one in no language', async () => {
  const texts = Array.from({ length: embedder.batchSize * 2 + 1 }, (_, index) => `Text number ${index}`)
  expect(await embedder.embed(texts)).toHaveLength(texts.length)
  expect(await embedder.embed([])).toEqual([])
  expect(await embedder.embed(['', '   ', '漢字かな交じり', '\u{1F600}'.repeat(300)])).toHaveLength(4)
})

it('does not let a question wait behind documents that are being read', async () => {
  let bulkDone = false
  const bulk = embedder
    .embed(
      Array.from({ length: 64 }, (_, index) => `A passage of some length, number ${index}. `.repeat(12)),
      undefined,
      'bulk',
    )
    .then(() => (bulkDone = true))
  await embedder.embed(['Who is first?'])
  expect(bulkDone).toBe(false)
  await bulk
})

it('gives up when the call is aborted', async () => {
  await expect(embedder.embed(['late'], AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
})

it('speaks the AI SDK’s embedding interface', async () => {
  const { embeddings } = await embedder.model.doEmbed({ values: ['one', 'two'] })
  expect(embeddings.map((vector) => vector.length)).toEqual([512, 512])
})
