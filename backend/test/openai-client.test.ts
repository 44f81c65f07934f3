import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { EmbeddingModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import type { NitroChunk } from '@nitroagi/shared/runs'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answerFailure, toFailure } from '../src/http/errors.ts'
import { openaiFailureBody } from '../src/http/openai/errors.ts'
import { openaiRoutes } from '../src/http/openai/routes.ts'
import { createRoutes } from '../src/http/routes.ts'
import type { AnswerRequest, AnswerSummary, Orchestrator } from '../src/orchestrator/port.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import type { Embedder } from '../src/ports/embedder/port.ts'
import type { LanguageModels } from '../src/ports/language-model/port.ts'
import { createOwnModel, finishReason, usageOf } from '../src/ports/language-model/own-model.ts'
import { createScriptedLanguageModels, type Script } from '../src/ports/language-model/scripted.ts'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { testCall } from './test-call.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const summary: AnswerSummary = {
  model: 'nitro-offline',
  strategy: 'sequential',
  usage: { inputTokens: 12, outputTokens: 7, estimated: true, costUsd: 0 },
}

/** An orchestrator that says these chunks, and remembers what it was asked and whether it was cut short. */
function createSpokenOrchestrator(chunks: (NitroChunk | Error | 'wait')[], outcome = summary) {
  const asked: AnswerRequest[] = []
  const state = { isCut: false }
  const orchestrator: Orchestrator = {
    async *answer(call, request) {
      asked.push(request)
      let isFinished = false
      try {
        for (const chunk of chunks) {
          if (chunk instanceof Error) throw chunk
          if (chunk === 'wait') await aborted(call.signal)
          else yield chunk
        }
        isFinished = true
        return outcome
      } finally {
        state.isCut = !isFinished
      }
    },
  }
  return { orchestrator, asked, state }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

const embedder: Embedder = {
  id: 'test-embedder/3',
  dimensions: 3,
  location: 'local',
  batchSize: 2,
  model: {} as EmbeddingModelV4,
  embed: async (texts) => {
    expect(texts.length).toBeLessThanOrEqual(2)
    return texts.map((text) => [text.length, 0.5, -1])
  },
  check: async () => {},
  close: async () => {},
}

const answer: NitroChunk[] = [
  {
    type: 'data-plan',
    data: { planner: 'rules', strategy: 'sequential', strategyReason: 'One thing', planningMs: 0.2, steps: [] },
  },
  { type: 'text-start', id: 'a' },
  { type: 'text-delta', id: 'a', delta: 'Paris "is"' },
  { type: 'text-delta', id: 'a', delta: ' it [1]. 👋\n' },
  { type: 'text-end', id: 'a' },
  {
    type: 'source-document',
    sourceId: 's1',
    mediaType: 'text/plain',
    title: 'Cities',
    providerMetadata: {
      nitro: {
        number: 1,
        documentId: 'd',
        entryId: 'e',
        title: 'Cities',
        mediaType: 'text/plain',
        page: 2,
        start: 0,
        end: 5,
        quote: 'Paris',
        score: 0.9,
      },
    },
  },
  { type: 'data-notice', data: { level: 'info', code: 'offline_model', message: 'No language model is configured.' } },
  {
    type: 'data-confidence',
    id: 'confidence',
    data: { value: 0.9, parts: [], calibration: null, basis: 'measured' },
  },
]

interface Setting {
  orchestrator?: Orchestrator
  script?: Script
  models?: LanguageModels
  scopes?: Scope[]
  firstPieceMs?: number
}

async function startApi({ orchestrator, script, models, scopes, firstPieceMs }: Setting = {}) {
  const app = createRoutes()
  app.onError((error, c) => answerFailure(c, toFailure(error), openaiFailureBody(toFailure(error))))
  app.use(async (c, next) => {
    const call = testCall()
    c.set('call', { ...call, actor: { ...call.actor, scopes: scopes ?? call.actor.scopes } })
    await next()
  })
  const scripted = createScriptedLanguageModels(script)
  app.route(
    '/v1',
    openaiRoutes({
      orchestrator: orchestrator ?? createSpokenOrchestrator(answer).orchestrator,
      models: models ?? scripted,
      embedder,
      ...(firstPieceMs === undefined ? {} : { firstPieceMs }),
    }),
  )
  const server: ServerType = createAdaptorServer({ fetch: app.fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { client: new OpenAI({ apiKey: 'nk_test', baseURL, maxRetries: 0 }), baseURL, calls: scripted.calls }
}

const user = (content: string) => [{ role: 'user' as const, content }]

async function failureOf(work: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await work
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error
    throw error
  }
  throw new Error('It did not fail')
}

/** The default model of this workspace that is not a language model, as with no key at all. */
const offlineOnly = (): LanguageModels => {
  const info = { id: 'nitro-offline', provider: 'nitro', isLanguageModel: false }
  const { get, ...rest } = createScriptedLanguageModels()
  return {
    ...rest,
    defaultModel: info.id,
    list: () => [{ ...info, id: 'nitro-auto' }, info],
    get: (name) => (name.startsWith('nitro-') ? { ...get('nitro-auto'), info } : get(name)),
  }
}

describe('an orchestrated answer', () => {
  it('comes whole, with its sources, its plan and an honest count', async () => {
    const { client } = await startApi()
    const completion = await client.chat.completions.create({ model: 'nitro-auto', messages: user('Which city?') })
    expect(completion.choices).toMatchObject([
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Paris "is" it [1]. 👋\n' } },
    ])
    expect(completion.usage).toEqual({ prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 })
    expect(completion).toMatchObject({
      object: 'chat.completion',
      model: 'nitro-auto',
      nitro: {
        model: 'nitro-offline',
        usageEstimated: true,
        costUsd: 0,
        plan: { planner: 'rules' },
        confidence: { value: 0.9 },
        sources: [{ number: 1, title: 'Cities', page: 2, quote: 'Paris' }],
        notices: [{ code: 'offline_model' }],
      },
    })
  })

  it('streams the same, with the account of it in the last chunk and the usage when asked', async () => {
    const { client } = await startApi()
    const stream = await client.chat.completions.create({
      model: 'nitro-auto',
      messages: user('Which city?'),
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await Array.fromAsync(stream)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Paris "is" it [1]. 👋\n')
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1)
    expect(chunks.at(-2)).toMatchObject({
      choices: [{ finish_reason: 'stop', delta: {} }],
      nitro: { sources: [{ number: 1 }], plan: { planner: 'rules' }, confidence: { value: 0.9 } },
      usage: null,
    })
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 19 } })
  })

  it('works with the stream helper of the official client', async () => {
    const { client } = await startApi()
    const runner = client.chat.completions.stream({ model: 'nitro-auto', messages: user('Which city?') })
    const completion = await runner.finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe('Paris "is" it [1]. 👋\n')
    expect(completion).toMatchObject({ nitro: { sources: [{ number: 1 }] } })
  })

  it('ends with [DONE], as event lines that any reader of server-sent events takes', async () => {
    const { baseURL } = await startApi()
    const response = await fetch(`${baseURL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'nitro-auto', messages: user('Which city?'), stream: true, surprise: { a: 1 } }),
    })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const body = await response.text()
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true)
    const events = body
      .trim()
      .split('\n\n')
      .filter((event) => !event.startsWith(':'))
    for (const event of events.slice(0, -1)) expect(JSON.parse(event.replace(/^data: /, ''))).toHaveProperty('choices')
  })

  it('knows what was said before, instructions and parts included', async () => {
    const { orchestrator, asked } = createSpokenOrchestrator(answer)
    const { client } = await startApi({ orchestrator })
    await client.chat.completions.create({
      model: 'nitro-offline',
      temperature: 0.2,
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'One' },
            { type: 'text', text: 'and two' },
          ],
        },
        { role: 'assistant', content: 'Three' },
        { role: 'developer', content: 'Be polite.' },
        { role: 'user', content: 'Four?' },
      ],
    })
    expect(asked).toEqual([
      {
        question: 'Four?',
        instructions: 'Be brief.\n\nBe polite.',
        model: 'nitro-offline',
        history: [
          { role: 'user', text: 'One\nand two' },
          { role: 'assistant', text: 'Three' },
        ],
      },
    ])
  })

  it('says which settings it does not follow', async () => {
    const { client } = await startApi()
    const completion = await client.chat.completions.create({
      model: 'nitro-auto',
      messages: user('Hi'),
      temperature: 0,
      max_completion_tokens: 5,
    })
    expect(completion).toMatchObject({ nitro: { ignored: ['temperature', 'max_completion_tokens'] } })
  })

  it('estimates the count when nobody knows it, and says so', async () => {
    const { orchestrator } = createSpokenOrchestrator(answer, { ...summary, usage: null })
    const { client } = await startApi({ orchestrator })
    const completion = await client.chat.completions.create({ model: 'nitro-auto', messages: user('12345678') })
    expect(completion.usage?.prompt_tokens).toBe(2)
    expect(completion).toMatchObject({ nitro: { usageEstimated: true, costUsd: null } })
  })

  it('ends its work when the reader leaves in mid-stream', async () => {
    const { orchestrator, state } = createSpokenOrchestrator([...answer, 'wait'])
    const { client } = await startApi({ orchestrator })
    const stream = await client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi'), stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    stream.controller.abort()
    await until(() => state.isCut)
  })

  it('ends its work when the reader of a whole answer leaves', async () => {
    const { orchestrator, state, asked } = createSpokenOrchestrator([...answer, 'wait'])
    const { client } = await startApi({ orchestrator })
    const leave = new AbortController()
    const work = client.chat.completions
      .create({ model: 'nitro-auto', messages: user('Hi') }, { signal: leave.signal })
      .catch(() => 'left')
    await until(() => asked.length > 0)
    leave.abort()
    expect(await work).toBe('left')
    await until(() => state.isCut)
  })
})

describe('failures', () => {
  const limited = new NitroError('model_rate_limited', 'Try again in 7 seconds.', { retryAfterSeconds: 7 })

  it.each([false, true])('before the first word are an HTTP status with Retry-After (stream: %s)', async (stream) => {
    const { orchestrator } = createSpokenOrchestrator([answer[0]!, limited])
    const { client } = await startApi({ orchestrator })
    const failure = await failureOf(
      client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi'), stream }),
    )
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError)
    expect(failure).toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error' })
    expect(failure.headers?.get('retry-after')).toBe('7')
  })

  it('after the first word are the last event of the stream, with the words before it kept', async () => {
    const broken = new NitroError('model_interrupted', 'The answer broke off.')
    const { orchestrator } = createSpokenOrchestrator([...answer, broken])
    const { client } = await startApi({ orchestrator })
    const stream = await client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi'), stream: true })
    let text = ''
    const failure = await failureOf(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      })(),
    )
    expect(text).toBe('Paris "is" it [1]. 👋\n')
    expect(failure).toMatchObject({ code: 'model_interrupted', type: 'server_error' })
  })

  it('of a model that takes its time are the last event too, because its reader was let in before', async () => {
    const script: Script = { firstDelayMs: 200, failAfter: 0, failure: { status: 503 } }
    const { client } = await startApi({ script, firstPieceMs: 1 })
    const request = { model: 'scripted/default', messages: user('Hi'), stream: true } as const
    const stream = await client.chat.completions.create(request)
    expect(await failureOf(Array.fromAsync(stream))).toMatchObject({ code: 'model_failed', type: 'server_error' })

    const slow = await startApi({ script: { firstDelayMs: 200 }, firstPieceMs: 1 })
    const chunks = await Array.fromAsync(await slow.client.chat.completions.create(request))
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant' })
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello from the scripted model.')
  })

  it('that are nobody’s business do not tell what happened inside', async () => {
    const { orchestrator } = createSpokenOrchestrator([new TypeError('password=hunter2')])
    const { client } = await startApi({ orchestrator })
    const failure = await failureOf(client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi') }))
    expect(failure.status).toBe(500)
    expect(JSON.stringify(failure.error)).not.toContain('hunter2')
  })

  it('name the field for a bad request', async () => {
    const { client } = await startApi()
    const image = [{ type: 'image_url' as const, image_url: { url: 'https://example.com/cat.png' } }]
    const cases = [
      [{ messages: [{ role: 'user' as const, content: image }] }, 'messages.0.content.0.image_url.url', /data: URL/],
      [{ messages: user('Hi'), n: 2 }, 'n', /One answer/],
      [{ messages: [] }, 'messages', /at least one/],
      [{ messages: [...user('Hi'), { role: 'assistant' as const, content: 'Ho' }] }, 'messages', /last message/],
      [{ messages: user('  ') }, 'messages.0.content', /Write a message/],
      [{ messages: user('x'.repeat(32_001)) }, 'messages.0.content', /32000/],
      [{ messages: user('Hi'), temperature: 9 }, 'temperature', /./],
    ] as const
    for (const [fields, param, message] of cases) {
      const request = { model: 'nitro-auto', ...fields } as OpenAI.ChatCompletionCreateParams
      const failure = await failureOf(client.chat.completions.create(request))
      expect(failure).toBeInstanceOf(OpenAI.BadRequestError)
      expect(failure).toMatchObject({ param, type: 'invalid_request_error' })
      expect(failure.message).toMatch(message)
    }
  })

  it('tell an unknown model, a missing right and broken JSON apart', async () => {
    const { client, baseURL } = await startApi({ scopes: ['read', 'chat'] })
    const unknown = await failureOf(client.chat.completions.create({ model: 'gpt-99', messages: user('Hi') }))
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect(unknown).toMatchObject({ code: 'model_not_found', param: 'model' })
    const broken = await fetch(`${baseURL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":',
    })
    expect(broken.status).toBe(400)
    expect(await broken.json()).toMatchObject({ error: { type: 'invalid_request_error' } })

    const reader = await startApi({ scopes: ['read'] })
    const refused = await failureOf(
      reader.client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi') }),
    )
    expect(refused).toBeInstanceOf(OpenAI.PermissionDeniedError)
  })
})

/** A model that calls the tool it was given, in pieces or whole, then answers once it has the result. */
function createToolModels({ isStreamed }: { isStreamed: boolean }) {
  const calls: LanguageModelV4CallOptions[] = []
  async function* parts(options: LanguageModelV4CallOptions): AsyncGenerator<LanguageModelV4StreamPart> {
    calls.push(options)
    const input = '{"city":"Paris"}'
    if (options.prompt.at(-1)?.role === 'tool') {
      yield { type: 'text-start', id: 't' }
      yield { type: 'text-delta', id: 't', delta: 'Sunny.' }
      yield { type: 'text-end', id: 't' }
      yield { type: 'finish', usage: usageOf(20, 2), finishReason: finishReason('stop') }
      return
    }
    for (const id of ['call_1', 'call_2']) {
      if (isStreamed) {
        yield { type: 'tool-input-start', id, toolName: 'weather' }
        yield { type: 'tool-input-delta', id, delta: input.slice(0, 5) }
        yield { type: 'tool-input-delta', id, delta: input.slice(5) }
        yield { type: 'tool-input-end', id }
      }
      yield { type: 'tool-call', toolCallId: id, toolName: 'weather', input }
    }
    yield { type: 'finish', usage: usageOf(10, 5), finishReason: finishReason('tool-calls') }
  }
  const base = createScriptedLanguageModels()
  const model = createOwnModel({ provider: 'scripted', modelId: 'default', parts })
  const models: LanguageModels = { ...base, get: (name) => ({ ...base.get(name), model }) }
  return { models, calls }
}

describe('a provider’s model', () => {
  const tools: OpenAI.ChatCompletionFunctionTool[] = [
    {
      type: 'function',
      function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    },
  ]

  it('gets the messages and settings as they came', async () => {
    const { client, calls } = await startApi()
    const completion = await client.chat.completions.create({
      model: 'scripted/default',
      messages: [{ role: 'system', content: 'Be brief.' }, ...user('Hi')],
      temperature: 0.3,
      top_p: 0.9,
      max_tokens: 50,
      stop: 'END',
      seed: 4,
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema: { type: 'object' } } },
    })
    expect(completion.choices[0]?.message.content).toBe('Hello from the scripted model.')
    expect(completion.usage).toEqual({ prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 })
    expect(completion).toMatchObject({ nitro: { model: 'scripted/default', usageEstimated: false, costUsd: 0.000022 } })
    expect(calls[0]).toMatchObject({
      prompt: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
      temperature: 0.3,
      topP: 0.9,
      maxOutputTokens: 50,
      stopSequences: ['END'],
      seed: 4,
      responseFormat: { type: 'json', name: 'city', schema: { type: 'object' } },
    })
    expect(calls[0]).not.toHaveProperty('tools')
  })

  it('streams, tells why it ended, and estimates what the provider does not count', async () => {
    const { client } = await startApi({ script: { usage: null, finishReason: 'length', reasoning: ['Hm'] } })
    const stream = await client.chat.completions.create({
      model: 'scripted/default',
      messages: user('Hi'),
      stream: true,
    })
    const chunks = await Array.fromAsync(stream)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello from the scripted model.')
    expect(chunks[1]?.choices[0]?.delta).toEqual({ reasoning_content: 'Hm' })
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'length' }], nitro: { usageEstimated: true } })
  })

  it.each([true, false])(
    'calls the client’s tools (in pieces: %s) and goes on with their results',
    async (isStreamed) => {
      const { models, calls } = createToolModels({ isStreamed })
      const { client } = await startApi({ models })
      const messages: OpenAI.ChatCompletionMessageParam[] = user('Weather?')
      const request = { model: 'nitro-auto', messages, tools, tool_choice: 'auto' as const }
      const whole = await client.chat.completions.create(request)
      const streamed = await client.chat.completions.stream(request).finalChatCompletion()
      const expected = ['call_1', 'call_2'].map((id) => ({
        id,
        type: 'function',
        function: { name: 'weather', arguments: '{"city":"Paris"}' },
      }))
      for (const { choices } of [whole, streamed]) {
        expect(choices[0]).toMatchObject({
          finish_reason: 'tool_calls',
          message: { content: null, tool_calls: expected },
        })
      }
      expect(calls[0]).toMatchObject({ toolChoice: { type: 'auto' }, tools: [{ type: 'function', name: 'weather' }] })

      messages.push(whole.choices[0]!.message)
      for (const id of ['call_1', 'call_2']) messages.push({ role: 'tool', tool_call_id: id, content: 'sunny' })
      const done = await client.chat.completions.create(request)
      expect(done.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Sunny.' } })
      expect(calls.at(-1)?.prompt.at(-1)).toMatchObject({
        role: 'tool',
        content: [{ toolCallId: 'call_2', toolName: 'weather', output: { type: 'text', value: 'sunny' } }],
      })
    },
  )

  it('is needed for tools: without one the request is refused in words', async () => {
    const { client } = await startApi({ models: offlineOnly() })
    const failure = await failureOf(
      client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi'), tools }),
    )
    expect(failure).toMatchObject({ status: 400, param: 'tools' })
    expect(failure.message).toMatch(/nitro-offline is not a language model/)
  })

  it('passes on what the provider refuses, without the provider’s words', async () => {
    const { client } = await startApi({ script: { failAfter: 0, failure: { status: 429, retryAfter: '3' } } })
    const failure = await failureOf(
      client.chat.completions.create({ model: 'scripted/default', messages: user('Hi'), stream: true }),
    )
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError)
    expect(failure.headers?.get('retry-after')).toBe('3')
    expect(failure.message).not.toContain('sk-')
  })

  it('hears that the reader has left', async () => {
    const { client, calls } = await startApi({ script: { repeat: 1_000, delayMs: 20 } })
    const stream = await client.chat.completions.create({
      model: 'scripted/default',
      messages: user('Hi'),
      stream: true,
    })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    stream.controller.abort()
    await until(() => calls[0]?.abortSignal?.aborted === true)
  })
})

describe('models', () => {
  it('are listed, the embedder among them, and found by name with their slash', async () => {
    const { client, baseURL } = await startApi()
    const models = await Array.fromAsync(client.models.list())
    expect(models.map((model) => model.id)).toEqual(['nitro-auto', 'scripted/default', 'test-embedder/3'])
    expect(await client.models.retrieve('scripted/default')).toEqual(models[1])
    expect((await fetch(`${baseURL}/models/scripted/default`)).status).toBe(200)
    expect(await failureOf(client.models.retrieve('gpt-99'))).toMatchObject({ status: 404, code: 'model_not_found' })
  })
})

describe('embeddings', () => {
  const model = embedder.id

  it('come in the order of the texts, in the encoding that the official client asks for by itself', async () => {
    const { client } = await startApi()
    const { data, usage } = await client.embeddings.create({ model, input: ['a', 'bb', 'ccc'] })
    expect(data.map((item) => [item.index, ...item.embedding])).toEqual([
      [0, 1, 0.5, -1],
      [1, 2, 0.5, -1],
      [2, 3, 0.5, -1],
    ])
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
    const plain = await client.embeddings.create({ model, input: 'four', encoding_format: 'float' })
    expect(plain.data[0]?.embedding).toEqual([4, 0.5, -1])
  })

  it('are refused in words for what cannot be', async () => {
    const { client } = await startApi()
    const embed = (fields: Partial<OpenAI.EmbeddingCreateParams>) =>
      failureOf(client.embeddings.create({ model, input: 'a', ...fields }))
    expect(await embed({ model: 'text-embedding-3-small' })).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(await embed({ dimensions: 2 })).toMatchObject({ status: 400, param: 'dimensions' })
    expect(await embed({ input: '' })).toMatchObject({ status: 400, param: 'input.0' })
    expect(await embed({ input: [] })).toMatchObject({ status: 400, param: 'input' })
    expect(await embed({ input: Array<string>(257).fill('a') })).toMatchObject({ status: 400, param: 'input' })
    expect((await embed({ input: [1, 2, 3] })).message).toMatch(/token numbers/)
  })
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('the whole backend', () => {
  let backend: TestBackend
  let alice: Person
  let client: OpenAI
  beforeAll(async () => {
    const scripted = createScriptedLanguageModels({ deltas: ['Hello', ' there', '.'] })
    backend = await startBackend({ ports: { models: scripted, embedders: createEmbedders([embedder]) } })
    alice = await backend.createPerson()
    client = new OpenAI({ apiKey: alice.key, baseURL: `${backend.url}/v1`, maxRetries: 0 })
  })
  afterAll(() => backend.close())

  it('streams a chat and lists models to the official client, and stores nothing of it', async () => {
    const stream = await client.chat.completions.create({ model: 'nitro-auto', messages: user('Hi'), stream: true })
    const chunks = await Array.fromAsync(stream)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello there.')
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      nitro: { model: 'scripted/default', plan: { planner: 'rules' } },
    })
    const whole = await client.chat.completions.create({ model: 'scripted/default', messages: user('Hi') })
    expect(whole.choices[0]?.message.content).toBe('Hello there.')
    expect((await Array.fromAsync(client.models.list())).map((model) => model.id)).toContain('nitro-auto')
    const kept = await alice.request('/api/v1/conversations')
    expect(await kept.json()).toMatchObject({ items: [] })
  })

  it('refuses a wrong key in the words of OpenAI', async () => {
    const stranger = new OpenAI({ apiKey: 'nk_live_wrong', baseURL: `${backend.url}/v1`, maxRetries: 0 })
    const failure = await failureOf(stranger.models.list())
    expect(failure).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(failure).toMatchObject({ code: 'invalid_api_key', type: 'invalid_request_error' })
    const nothing = await failureOf(client.get('/nothing/here'))
    expect(nothing).toMatchObject({ status: 404, type: 'invalid_request_error' })
  })

  it('describes its door beside the others', async () => {
    const document = (await (await alice.request('/api/v1/openapi.json')).json()) as { paths: object }
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v1/chat/completions', '/v1/models', '/v1/models/{model}', '/v1/embeddings']),
    )
  })
})
