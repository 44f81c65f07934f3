import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve, type ServerType } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KnowledgeBackend, openKnowledge, signUp } from '../../test/knowledge-backend.ts'
import { openMemory } from '../../test/test-database.ts'
import { createWordEmbedder } from '../../test/word-embedder.ts'
import type { Call } from '../call.ts'
import { collectionRoutes } from './collections.ts'
import { documentRoutes } from './documents.ts'
import { answerFailure, toFailure } from './errors.ts'
import { createRoutes } from './routes.ts'
import { searchRoutes } from './search.ts'

let backend: KnowledgeBackend
let call: Call
let server: ServerType
let base: string
let collectionId: string

beforeAll(async () => {
  backend = await openKnowledge(await openMemory(), createWordEmbedder())
  call = await signUp(backend.connection)
  const app = createRoutes()
  app.use(async (c, next) => {
    c.set('call', { ...call, signal: c.req.raw.signal })
    await next()
  })
  app.route('/api/v1/collections', collectionRoutes(backend))
  app.route('/api/v1', documentRoutes(backend.documents))
  app.route('/api/v1/search', searchRoutes(backend.search))
  app.onError((error, c) => answerFailure(c, toFailure(error)))
  server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`
  collectionId = (await backend.collections.create(call, { name: 'over http' })).id
})
afterAll(async () => {
  server.close()
  await backend.close()
})

const uploadUrl = (name: string) => `${base}/collections/${collectionId}/documents?name=${encodeURIComponent(name)}`
const files = async () =>
  (await readdir(join(backend.folder, 'objects'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  ).length

it('takes a file, tells of it, finds it, shows its page and lets it go', async () => {
  const events = await fetch(`${base}/documents/events`)
  expect(events.headers.get('content-type')).toContain('text/event-stream')
  const sent = await fetch(uploadUrl('kiwi.txt'), { method: 'POST', body: 'The kiwi repairs bicycles on Tuesdays.' })
  expect(sent.status).toBe(201)
  const { documents, created } = (await sent.json()) as { documents: { id: string }[]; created: boolean }
  const { id } = documents[0]!
  expect(created).toBe(true)
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  while (!told.includes('"status":"ready"')) told += (await reader.read()).value
  await reader.cancel()
  expect(told).toContain(id)

  const again = await fetch(uploadUrl('again.txt'), { method: 'POST', body: 'The kiwi repairs bicycles on Tuesdays.' })
  expect([again.status, ((await again.json()) as { created: boolean }).created]).toEqual([200, false])
  const search = await fetch(`${base}/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'Who repairs bicycles?' }),
  })
  expect(await search.json()).toMatchObject({ hits: [{ documentId: id, page: 1, start: 0 }] })
  expect(await (await fetch(`${base}/documents/${id}/pages/1`)).json()).toMatchObject({
    text: 'The kiwi repairs bicycles on Tuesdays.',
  })
  expect((await fetch(`${base}/documents/${id}/pages/2`)).status).toBe(404)
  expect((await fetch(`${base}/documents/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await fetch(`${base}/documents/${id}`)).status).toBe(404)
})

it('answers an empty body with a document that says what is wrong', async () => {
  const sent = await fetch(uploadUrl('nothing.txt'), { method: 'POST' })
  expect(await sent.json()).toMatchObject({ documents: [{ status: 'failed', error: { code: 'document_no_text' } }] })
})

describe('refuses', () => {
  it('what says that it is too large before reading it, and what is too large without saying so', async () => {
    const before = await files()
    expect(await raw(`Content-Length: ${200 * 1024 * 1024}`, [])).toContain('413')
    const megabyte = 'x'.repeat(1024 * 1024)
    const chunk = `${megabyte.length.toString(16)}\r\n${megabyte}\r\n`
    expect(
      await raw(
        'Transfer-Encoding: chunked',
        Array.from({ length: 102 }, () => chunk),
      ),
    ).toContain('413')
    expect(await files()).toBe(before)
  })

  it('a compressed body, unknown ids, ids that are none, and a missing name', async () => {
    const gzip = await fetch(uploadUrl('a'), { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: 'x' })
    expect(gzip.status).toBe(415)
    const unknown = '00000000-0000-4000-8000-000000000000'
    expect((await fetch(`${base}/collections/${unknown}/documents?name=a`, { method: 'POST', body: 'x' })).status).toBe(
      404,
    )
    expect((await fetch(`${base}/documents/not-an-id`)).status).toBe(400)
    expect((await fetch(`${base}/collections/${collectionId}/documents`, { method: 'POST', body: 'x' })).status).toBe(
      400,
    )
  })

  it('keeps nothing of an upload that its sender broke off', async () => {
    const before = await files()
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.write(head('Content-Length: 1000000') + 'only the beginning')
    await new Promise((resolve) => setTimeout(resolve, 200))
    socket.destroy()
    await expect.poll(files, { timeout: 5_000 }).toBe(before)
  })

  const head = (header: string) =>
    `POST /api/v1/collections/${collectionId}/documents?name=raw.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\n\r\n`

  /** A client that keeps to no library's idea of a request; resolves with the first line of the answer. */
  async function raw(header: string, parts: string[]): Promise<string> {
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.on('error', () => {})
    const answer = new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data).split('\r\n')[0]!)),
    )
    socket.write(head(header))
    for (const part of parts) {
      if (socket.destroyed || !socket.writable) break
      if (!socket.write(part)) await Promise.race([once(socket, 'drain'), answer])
    }
    const line = await answer
    socket.destroy()
    return line
  }
})
