import { randomUUID } from 'node:crypto'
import { textOf } from '@nitroagi/shared/message-parts'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { answersToStrangers, openToStrangers } from './strangers.ts'
import { chunksIn, startBackend, type Person, type TestBackend } from './test-backend.ts'

describe('a conversation over HTTP', () => {
  let backend: TestBackend
  let alice: Person
  beforeAll(async () => {
    backend = await startBackend({
      ports: { models: createScriptedLanguageModels({ deltas: ['One ', 'two ', 'three'], delayMs: 20 }) },
    })
    alice = await backend.createPerson()
  })
  afterAll(() => backend.close())

  it('streams the answer in the reply and keeps it', async () => {
    const { conversationId, chunks } = await alice.ask('Count')
    expect(
      textOf(
        chunks
          .flatMap((chunk) => (chunk.type === 'text-delta' ? [{ type: 'text', text: chunk.delta }] : []))
          .slice(0, 1),
      ),
    ).toBe('One ')
    expect(chunks.at(-1)).toEqual({ type: 'finish' })
    const detail = (await (await alice.request(`/api/v1/conversations/${conversationId}`)).json()) as ConversationDetail
    expect(detail.messages.map((message) => textOf(message.parts))).toEqual(['Count', 'One two three'])
  })

  it('goes on from Last-Event-ID after a cut, without a word lost or doubled', async () => {
    const conversation = await created(alice)
    const sent = await alice.request(`/api/v1/conversations/${conversation}/messages`, {
      method: 'POST',
      json: { text: 'Count' },
    })
    expect(sent.status).toBe(202)
    const { run } = (await sent.json()) as { run: { id: string } }
    const whole = await (await alice.request(`/api/v1/runs/${run.id}/events`)).text()
    for (const after of [0, 3, 7]) {
      const rest = await alice.request(`/api/v1/runs/${run.id}/events`, { headers: { 'last-event-id': `${after}` } })
      expect(chunksIn(await rest.text())).toEqual(chunksIn(whole).slice(after))
    }
  })

  it('streams with the headers that keep proxies from buffering and browsers from guessing', async () => {
    const conversation = await created(alice)
    const response = await alice.request(`/api/v1/conversations/${conversation}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'Count' },
    })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'private, no-store, no-transform',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      location: expect.stringMatching(/^\/api\/v1\/runs\//),
    })
    await response.text()
  })

  it('finishes the answer for somebody who closed the page, and lets go of their connection', async () => {
    const conversation = await created(alice)
    const gone = new AbortController()
    const response = await alice.request(`/api/v1/conversations/${conversation}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'Count' },
      signal: gone.signal,
    })
    const runId = response.headers.get('location')?.split('/').at(-1)
    gone.abort()
    const log = await alice.request(`/api/v1/runs/${runId}/events`)
    expect(chunksIn(await log.text()).at(-1)).toEqual({ type: 'finish' })
  })

  it.each([
    ['an empty message', { text: '   ' }],
    ['a message of a million characters', { text: 'x'.repeat(1_000_000) }],
    ['a lone surrogate', { text: 'a\ud800b' }],
    ['a NUL', { text: 'a\u0000b' }],
    ['an unknown field', { text: 'Hi', role: 'owner' }],
    ['another type', { text: 7 }],
  ])('refuses %s with a sentence and stores nothing', async (_name, json) => {
    const conversation = await created(alice)
    const response = await alice.request(`/api/v1/conversations/${conversation}/messages`, { method: 'POST', json })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_input', message: expect.any(String) } })
    const detail = (await (await alice.request(`/api/v1/conversations/${conversation}`)).json()) as ConversationDetail
    expect(detail.messages).toEqual([])
  })

  it('refuses bytes that are not UTF-8', async () => {
    const conversation = await created(alice)
    const response = await alice.request(`/api/v1/conversations/${conversation}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    })
    expect(response.status).toBe(400)
  })

  it('answers an unknown and a foreign conversation alike', async () => {
    const bob = await backend.createPerson()
    const conversation = await created(alice)
    for (const id of [conversation, randomUUID()]) {
      const response = await bob.request(`/api/v1/conversations/${id}/messages`, {
        method: 'POST',
        json: { text: 'Hi' },
      })
      expect(response.status).toBe(404)
      const { error } = (await response.json()) as { error: { message: string } }
      expect(error.message).toBe('This conversation does not exist')
    }
  })

  it('answers strangers nothing but that it is alive', async () => {
    expect(await answersToStrangers(backend.app)).toEqual(openToStrangers)
  })

  it('describes every route for OpenAPI', async () => {
    const document = (await (await alice.request('/api/v1/openapi.json')).json()) as { openapi: string; paths: object }
    expect(document.openapi).toMatch(/^3\.1/)
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/conversations/{id}/messages',
        '/api/v1/runs/{id}/events',
        '/api/v1/runs/{id}/stop',
        '/v1/chat/completions',
        '/api/v1/me',
      ]),
    )
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods as object))
    const names = operations.map((operation: { operationId?: string }) => operation.operationId)
    expect(names).toContain('postRunsIdStop')
    expect(new Set(names).size).toBe(operations.length)
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const name of [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)) {
        for (const operation of Object.values(methods) as { parameters?: unknown[] }[]) {
          expect(operation.parameters, path).toContainEqual(expect.objectContaining({ in: 'path', name }))
        }
      }
    }
  })
})

async function created(person: Person): Promise<string> {
  const response = await person.request('/api/v1/conversations', { method: 'POST', json: {} })
  return ((await response.json()) as { id: string }).id
}
