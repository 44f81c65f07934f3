import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { textOf } from '@nitroagi/shared/message-parts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { chunksIn, startBackend, type Person, type TestBackend } from './test-backend.ts'

describe('an answer by a chosen strategy', () => {
  let backend: TestBackend
  let alice: Person
  const models = createScriptedLanguageModels(({ responseFormat, temperature }) => ({
    deltas: [
      responseFormat?.type === 'json'
        ? '{"best": 1, "reason": "It is right."}'
        : temperature === 1
          ? 'Nobody knows.'
          : 'It was in 1930.',
    ],
  }))
  beforeAll(async () => {
    backend = await startBackend({ ports: { models } })
    alice = await backend.createPerson()
  })
  afterAll(() => backend.close())

  async function ask(options: object) {
    const made = await alice.request('/api/v1/conversations', { method: 'POST', json: {} })
    const { id } = (await made.json()) as { id: string }
    const path = `/api/v1/conversations/${id}`
    const response = await alice.request(`${path}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'When was it built?', options },
    })
    const body = await response.text()
    const { messages } = (await (await alice.request(path)).json()) as ConversationDetail
    return { status: response.status, chunks: chunksIn(body), parts: messages.at(-1)?.parts ?? [] }
  }

  it.each(['sequential', 'parallel', 'pipeline', 'conditional', 'consensus'])('%s comes through', async (strategy) => {
    const { chunks, parts } = await ask({ strategy })
    expect(chunks.at(-1)).toEqual({ type: 'finish' })
    expect(textOf(parts)).toBe('It was in 1930.')
    expect(parts.find(({ type }) => type === 'data-plan')).toMatchObject({ data: { strategy } })
  })

  it('keeps every answer of a consensus with the message, the dissenting one too', async () => {
    const { parts } = await ask({ strategy: 'consensus' })
    expect(parts.find(({ type }) => type === 'data-consensus')).toMatchObject({
      data: {
        from: 'samples',
        answers: [{ isChosen: true }, { dissents: false }, { text: 'Nobody knows.', dissents: true }],
        judge: { by: 'model', reason: 'It is right.' },
      },
    })
    expect(parts.find(({ type }) => type === 'data-run')).toMatchObject({ data: { usage: { inputTokens: 40 } } })
  })

  it('counts every step for the module that took it', async () => {
    const { chunks } = await ask({ strategy: 'consensus' })
    const run = chunks.find((chunk) => chunk.type === 'data-run')
    const rows = await backend.ports.connection.query<{ module: string; strategy: string }>(
      'SELECT module, strategy FROM module_metrics WHERE run_id = $1 ORDER BY module',
      [run?.type === 'data-run' ? run.data.runId : ''],
    )
    expect(rows.map(({ module }) => module)).toEqual(['language', 'language', 'language', 'orchestrator'])
    expect(new Set(rows.map(({ strategy }) => strategy))).toEqual(new Set(['consensus']))
  })

  it('is refused when there is no such strategy', async () => {
    expect((await ask({ strategy: 'magic' })).status).toBe(400)
  })
})
