import type { NitroChunk, NitroMessage, PlanData, StepData } from '@nitroagi/shared/runs'
import { isTerminal } from '@nitroagi/shared/runs'
import { createMessageParts, textOf } from '@nitroagi/shared/message-parts'
import { readUIMessageStream } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { createLanguageModels } from '../src/ports/language-model/language-models.ts'
import { startModelServer } from '../src/ports/language-model/model-server.ts'
import type { ChatBody } from '../src/ports/language-model/model-server-able.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { startBackend, chunksIn, type Person, type TestBackend } from './test-backend.ts'
import { createWordEmbedder } from './word-embedder.ts'

/** Tools as the whole product shows them, with models that speak the real protocol on a server of our own. */
let server: Awaited<ReturnType<typeof startModelServer>>
let backend: TestBackend
let person: Person

beforeAll(async () => {
  server = await startModelServer({ models: ['able'] })
  const settings = () => readConfig({ OPENAI_COMPATIBLE_BASE_URL: server.baseUrl }).languageModel
  const models = createLanguageModels(settings())
  // A provider that fails in many ways would soon not be asked any more, so each model is the first of its provider.
  const get = (name: string) => createLanguageModels(settings()).get(name)
  const words = createWordEmbedder()
  /** Never comes to an end with one question. */
  const embed: typeof words.embed = (texts, ...rest) =>
    texts[0] === 'slowness' ? new Promise<never>(() => {}) : words.embed(texts, ...rest)
  backend = await startBackend({
    ports: { models: { ...models, get }, embedders: createEmbedders([{ ...words, embed }]) },
  })
  person = await backend.createPerson()
}, 60_000)
afterAll(async () => {
  await backend.close()
  await server.close()
})

async function ask(text: string, options: object = {}, who = person) {
  const from = server.requests.length
  const created = await who.request('/api/v1/conversations', { method: 'POST', json: {} })
  const { id } = (await created.json()) as { id: string }
  const response = await who.request(`/api/v1/conversations/${id}/messages`, {
    method: 'POST',
    headers: { accept: 'text/event-stream' },
    json: { text, options },
  })
  const chunks = chunksIn(await response.text())
  const message = createMessageParts()
  for (const chunk of chunks) message.add(chunk)
  return {
    conversationId: id,
    chunks,
    parts: message.parts,
    text: textOf(message.parts),
    tools: message.parts.filter((part) => part.type === 'dynamic-tool'),
    bodies: server.requests
      .slice(from)
      .flatMap(({ url, body }) => (url.endsWith('/completions') ? [body as ChatBody] : [])),
    notices: chunks.flatMap((chunk) => (chunk.type === 'data-notice' ? [chunk.data] : [])),
    step: chunks.findLast((chunk) => chunk.type === 'data-step' && chunk.data.module === 'language')?.[
      'data' as never
    ] as StepData | undefined,
    plan: chunks.findLast((chunk) => chunk.type === 'data-plan')?.['data' as never] as PlanData | undefined,
  }
}

describe('a question that needs tools', () => {
  it('is answered with what they gave, which the message shows', async () => {
    const { text, tools, bodies, step } = await ask('Use a tool: how much is 19 * 21, and what time is it?')
    expect(tools).toMatchObject([
      { toolName: 'calculator', state: 'output-available', input: { expression: '19 * 21' }, output: '19 * 21 = 399' },
      { toolName: 'current_time', state: 'output-available', output: expect.stringContaining('+09:00 (Asia/Tokyo)') },
    ])
    expect(text).toMatch(/^The tools gave: 19 \* 21 = 399; \w+day, \d{4}-/)
    expect(bodies).toHaveLength(2)
    // Both calls of the model are paid for.
    expect(step).toMatchObject({ status: 'completed', usage: { inputTokens: 22, outputTokens: 12, estimated: false } })
  })

  it('is kept as the AI SDK would keep it, for history, for replay and for the next question', async () => {
    const { conversationId, chunks, parts } = await ask('Please calculate 6 * 7')
    let theirs: NitroMessage | undefined
    for await (const message of readUIMessageStream<NitroMessage>({
      stream: ReadableStream.from(chunks) as ReadableStream<NitroChunk>,
    }))
      theirs = message
    const detail = await (await person.request(`/api/v1/conversations/${conversationId}`)).json()
    const { messages } = detail as { messages: NitroMessage[] }
    expect(messages[1]?.parts).toEqual(JSON.parse(JSON.stringify(theirs?.parts)))
    expect(messages[1]?.parts).toEqual(JSON.parse(JSON.stringify(parts)))
    const next = await person.request(`/api/v1/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'Thank you', parentId: messages[1]?.id },
    })
    await next.text()
    const asked = JSON.stringify((server.requests.at(-1)!.body as ChatBody).messages)
    expect(asked).toContain('The tools gave: 6 * 7 = 42.')
    expect(asked).not.toContain('tool_call')
  })

  it('searches the person’s own documents, cites them, and finds nobody else’s', async () => {
    const other = await backend.createPerson()
    await addDocument(other, 'The heron keeps the key of the lighthouse in Lisbon.')
    await addDocument(person, 'The otter keeps the key of the lighthouse in Porto.')
    const { tools, parts, bodies } = await ask('Tell me everything; search for key of the lighthouse')
    expect(tools).toMatchObject([{ toolName: 'search', output: [{ number: 1, title: 'note.txt', page: 1 }] }])
    const told = JSON.stringify(bodies)
    expect(told).toContain('The otter keeps the key')
    expect(told).not.toContain('heron')
    expect(parts.some(({ type }) => type === 'dynamic-tool')).toBe(true)
  })

  it('gets no search when the workspace has switched its documents off, nor one without documents', async () => {
    const names = (body: ChatBody | undefined) => body?.tools?.map((tool) => tool.function.name)
    const someone = await backend.createPerson()
    const offered = async () => names((await ask('Good morning', {}, someone)).bodies[0])
    expect(await offered()).toEqual(['calculator', 'current_time'])
    await addDocument(someone, 'A document.')
    expect(await offered()).toEqual(['calculator', 'current_time', 'search'])
    const change = { method: 'PATCH', json: { isEnabled: false } }
    expect((await someone.request('/api/v1/modules/knowledge', change)).status).toBe(200)
    expect(await offered()).toEqual(['calculator', 'current_time'])
  })

  it('calls no tools when nitro-offline answers', async () => {
    const { chunks, bodies } = await ask('Please calculate what a tool would', { model: 'nitro-offline' })
    expect(bodies).toEqual([])
    expect(chunks.at(-1)).toEqual({ type: 'finish' })
  })
})

it('tells a program which tools were used, and what they gave', async () => {
  const response = await person.request('/v1/chat/completions', {
    method: 'POST',
    json: { model: 'nitro-auto', messages: [{ role: 'user', content: 'Please calculate 6 * 7, in a few words' }] },
  })
  expect(await response.json()).toMatchObject({
    choices: [{ finish_reason: 'stop', message: { content: 'The tools gave: 6 * 7 = 42.' } }],
    nitro: { tools: [{ name: 'calculator', input: { expression: '6 * 7' }, output: '6 * 7 = 42' }] },
  })
})

describe('a plan by a model', () => {
  it('is asked for in its schema and carried out', async () => {
    const { plan, bodies, text, notices } = await ask('Compare the first thing and the second thing', {
      planner: 'model',
    })
    expect(bodies[0]?.response_format).toMatchObject({ type: 'json_schema', json_schema: { name: 'plan' } })
    expect(plan, JSON.stringify(notices)).toMatchObject({ planner: 'model' })
    expect(plan?.steps.map(({ id }) => id)).toEqual(expect.arrayContaining(['first-half', 'second-half', 'conclude']))
    expect(text).not.toBe('')
  })
})

describe('a model that misuses tools', () => {
  it.each([
    ['tool-loop', 7, 'finish', 'Enough.', ['tool_limit']],
    ['tool-loop-same', 6, 'error', '', ['tool_limit', 'model_failed']],
    ['tool-unknown', 2, 'finish', 'I have no such tool.', []],
    ['tool-never-valid', 4, 'finish', 'I cannot call it.', ['tool_limit']],
    ['tool-fifty-calls', 2, 'finish', '50 results.', ['tool_calls_cut']],
    ['tool-call-cut', 1, 'error', '', ['model_failed']],
    ['tool-call-too-long', 1, 'error', '', ['model_failed']],
    ['tool-call-unfinished', 4, 'error', '', ['tool_limit', 'model_failed']],
    ['half-tool-call-cut', 1, 'error', 'Hello from', ['model_interrupted']],
    ['refuses-tools', 2, 'finish', 'Hello from a local server.', []],
  ])(
    'as %s: %i calls, one end (%s), and its words kept',
    async (fault, calls, end, kept, codes) => {
      const { chunks, bodies, text, notices, tools } = await ask('What now?', { model: `compatible/${fault}` })
      expect(chunks.filter(isTerminal).map(({ type }) => type)).toEqual([end])
      expect(text).toBe(kept)
      expect(notices.map(({ code }) => code)).toEqual(codes)
      expect(bodies).toHaveLength(calls)
      for (const { state } of tools) expect(state).toMatch(/^output-/)
      expect(JSON.stringify(chunks)).not.toContain('sk-scripted-secret')
    },
    30_000,
  )
})

describe('an answer that is stopped while a tool works', () => {
  it('ends the call in the message, which history holds as well', async () => {
    const someone = await backend.createPerson()
    await addDocument(someone, 'A document, so that there is something to search.')
    const created = await someone.request('/api/v1/conversations', { method: 'POST', json: {} })
    const { id } = (await created.json()) as { id: string }
    const json = { text: 'Please search for slowness' }
    const sent = await someone.request(`/api/v1/conversations/${id}/messages`, { method: 'POST', json })
    const { run } = (await sent.json()) as { run: { id: string } }
    const events = await someone.request(`/api/v1/runs/${run.id}/events`)
    let body = ''
    for await (const text of events.body!.pipeThrough(new TextDecoderStream())) {
      const hasBegun = body.includes('"tool-input-available"')
      body += text
      if (!hasBegun && body.includes('"tool-input-available"'))
        await someone.request(`/api/v1/runs/${run.id}/stop`, { method: 'POST' })
    }
    const chunks = chunksIn(body)
    expect(chunks.at(-1)).toEqual({ type: 'abort' })
    const detail = await (await someone.request(`/api/v1/conversations/${id}`)).json()
    const { messages } = detail as { messages: NitroMessage[] }
    expect(messages[1]?.parts.find(({ type }) => type === 'dynamic-tool')).toMatchObject({
      toolName: 'search',
      state: 'output-error',
      errorText: 'The answer ended before this call did.',
    })
  }, 30_000)
})

async function addDocument(who: Person, content: string): Promise<void> {
  const made = await who.request('/api/v1/collections', { method: 'POST', json: { name: 'Notes' } })
  const { id } = (await made.json()) as { id: string }
  const path = `/api/v1/collections/${id}/documents?name=note.txt`
  const { documents } = (await (await who.request(path, { method: 'POST', body: content })).json()) as {
    documents: { id: string }[]
  }
  for (;;) {
    const { status } = (await (await who.request(`/api/v1/documents/${documents[0]!.id}`)).json()) as { status: string }
    if (status === 'ready') return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
