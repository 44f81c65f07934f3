import { isTerminal, type NitroChunk } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { createLanguageModels } from '../src/ports/language-model/language-models.ts'
import { startModelServer } from '../src/ports/language-model/model-server.ts'
import { startBackend, chunksIn, type Person, type TestBackend } from './test-backend.ts'

/** What the model server does, as the whole product shows it: one ending, in our words, with what had arrived. */
let server: Awaited<ReturnType<typeof startModelServer>>
let backend: TestBackend
let person: Person

/** A deadline so short that faults which end by it end soon; not for what a busy machine may be slow at. */
const totalSeconds = 2
const needsTime = new Set(['healthy', 'empty-deltas', 'only-empty-deltas'].map((name) => `compatible/${name}`))

const settings = (baseUrl: string, env: Record<string, string> = {}) =>
  readConfig({
    OPENAI_COMPATIBLE_BASE_URL: baseUrl,
    OPENAI_COMPATIBLE_MODEL: 'healthy',
    NITRO_MODEL_TIMEOUT_SECONDS: `${totalSeconds}`,
    ...env,
  }).languageModel

beforeAll(async () => {
  server = await startModelServer()
  const models = createLanguageModels(settings(server.baseUrl))
  // A provider that fails in thirty ways would soon not be asked any more, so each fault is the first of its provider.
  const get = (name: string) => {
    const address = {
      'compatible/nobody-there': 'http://127.0.0.1:9/v1',
      'compatible/no-such-host': 'http://nowhere.invalid/v1',
    }[name]
    const env: Record<string, string> = needsTime.has(name) ? { NITRO_MODEL_TIMEOUT_SECONDS: '60' } : {}
    return createLanguageModels(settings(address ?? server.baseUrl, env)).get(name)
  }
  backend = await startBackend({ ports: { models: { ...models, get } } })
  person = await backend.createPerson()
}, 60_000)
afterAll(async () => {
  await backend.close()
  await server.close()
})

async function ask(model: string): Promise<{ chunks: NitroChunk[]; text: string }> {
  const conversation = (await (await person.request('/api/v1/conversations', { method: 'POST', json: {} })).json()) as {
    id: string
  }
  const response = await person.request(`/api/v1/conversations/${conversation.id}/messages`, {
    method: 'POST',
    headers: { accept: 'text/event-stream' },
    json: { text: 'Hello', options: { model } },
  })
  const chunks = chunksIn(await response.text())
  const text = chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : '')).join('')
  return { chunks, text }
}

const errorOf = (chunks: readonly NitroChunk[]) =>
  chunks.flatMap((chunk) => (chunk.type === 'data-notice' && chunk.data.level === 'error' ? [chunk.data] : []))[0]

const half = 'Hello from'

describe('a provider that fails', () => {
  it.each([
    ['rate-limited', 'model_rate_limited', ''],
    ['rate-limited-until', 'model_rate_limited', ''],
    ['rate-limited-silently', 'model_rate_limited', ''],
    ['rate-limited-briefly', 'model_rate_limited', ''],
    ['error-500', 'model_failed', ''],
    ['error-502', 'model_failed', ''],
    ['server-error', 'model_failed', ''],
    ['error-529', 'model_failed', ''],
    ['unauthorized', 'model_unauthorized', ''],
    ['forbidden', 'model_unauthorized', ''],
    ['nobody-there', 'model_failed', ''],
    ['no-such-host', 'model_failed', ''],
    ['redirect', 'model_failed', ''],
    ['html', 'model_failed', ''],
    ['invalid-json', 'model_failed', ''],
    ['empty', 'model_failed', ''],
    ['only-empty-deltas', 'model_failed', ''],
    ['cut', 'model_failed', ''],
    ['hang', 'model_timeout', ''],
    ['drip', 'model_timeout', ''],
    ['half-drip', 'model_interrupted', half],
    ['half-cut', 'model_interrupted', half],
    ['half-quiet-end', 'model_interrupted', half],
    ['half-hang', 'model_interrupted', half],
    ['half-error', 'model_interrupted', half],
    ['half-long-line', 'model_interrupted', half],
    ['half-endless-line', 'model_interrupted', half],
    ['tool-call-cut', 'model_failed', ''],
    ['tool-call-unfinished', 'model_failed', ''],
  ])(
    'by %s ends the answer once, as %s, and keeps what had arrived',
    async (fault, code, kept) => {
      const healthy = ask('compatible/healthy')
      const { chunks, text } = await ask(`compatible/${fault}`)
      expect(chunks.filter(isTerminal)).toHaveLength(1)
      expect(errorOf(chunks)).toMatchObject({ code })
      expect(text).toBe(kept)
      expect(JSON.stringify(chunks)).not.toContain('sk-scripted-secret')
      expect((await healthy).text).toBe('Hello from a local server.')
      // Ten times the deadline: the machine may be busy, but nothing may hang.
    },
    20_000,
  )

  it.each([
    ['empty-deltas', 'Hello from a local server.'],
    ['split-utf8', 'Zürich 東京 🙂'],
    ['carriage-returns', 'Hello from a local server.'],
    ['broken-characters', 'Fine 🙂 and alone \ufffd then \ufffd.'],
  ])('only in form, by %s, is understood', async (fault, said) => {
    const { chunks, text } = await ask(`compatible/${fault}`)
    expect(errorOf(chunks)).toBeUndefined()
    expect(text).toBe(said)
  })
})

describe('a program that asks a model for a call', () => {
  const complete = (model: string, stream: boolean) =>
    person.request('/v1/chat/completions', {
      method: 'POST',
      json: {
        model: `compatible/${model}`,
        stream,
        messages: [{ role: 'user', content: 'Weather?' }],
        tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
      },
    })

  it('gets a whole call', async () => {
    const body = await (await complete('tool-call', true)).text()
    expect(body).toContain('"finish_reason":"tool_calls"')
  })

  it.each(['tool-call-cut', 'tool-call-unfinished', 'tool-call-too-long'])(
    'is never told that half a call is a call: %s',
    async (fault) => {
      const body = await (await complete(fault, true)).text()
      expect(body).not.toContain('"finish_reason":"')
      expect(body).not.toContain('[DONE]')
      expect(body).toContain('"error":')
    },
  )
})

describe('when the chosen model is nobody’s choice', () => {
  it('another answers before the first word, and the message and its trace say so', async () => {
    const models = createLanguageModels(
      settings(server.baseUrl, {
        NITRO_MODEL: 'compatible/rate-limited',
        NITRO_FALLBACK_MODELS: 'compatible/healthy',
      }),
    )
    const other = await startBackend({ ports: { models } })
    try {
      const { chunks } = await (await other.createPerson()).ask('Hello')
      const notice = chunks.find((chunk) => chunk.type === 'data-notice')
      expect(notice).toMatchObject({
        data: {
          code: 'model_fallback',
          message: 'compatible/rate-limited was rate limited; answered by compatible/healthy.',
        },
      })
      const steps = chunks.flatMap((chunk) => (chunk.type === 'data-step' ? [chunk.data] : []))
      expect(steps.at(-1)).toMatchObject({ status: 'completed', model: 'compatible/healthy' })
      expect(chunks.at(-1)?.type).toBe('finish')
    } finally {
      await other.close()
    }
  }, 60_000)
})

it('tells the operator which provider fails, and since when it is not asked', async () => {
  const models = createLanguageModels(settings(server.baseUrl))
  const failing = models.get('compatible/unauthorized').model
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello' }] }]
  for (let time = 0; time < 6; time++) await expect(failing.doStream({ prompt })).rejects.toThrow()
  const other = await startBackend({ ports: { models } })
  try {
    const health = (await (await other.request('/health')).json()) as { status: string; dependencies: object }
    expect(health).toMatchObject({ status: 'degraded', dependencies: { models: { status: 'down' } } })
    expect(await (await other.request('/api/v1/system')).json()).toMatchObject({
      providers: [{ provider: 'compatible', status: 'failing', detail: expect.stringContaining('key') }],
    })
    const metrics = await (await other.request('/metrics')).text()
    expect(metrics).toContain('nitro_model_provider_up{provider="compatible"} 0')
    expect(metrics).toContain('nitro_model_calls_total{provider="compatible",outcome="failed"} 5')
  } finally {
    models.close()
    await other.close()
  }
}, 60_000)
