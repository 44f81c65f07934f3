import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLog } from '../src/log.ts'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { createTestWeb } from './test-web.ts'

/** In everything that a person types or uploads. The model server says it back in its failures. */
const canary = 'Zanzibarkanarie'
const password = `${canary} is a long password`
const web = createTestWeb()

let backend: TestBackend
let person: Person
let modelServer: Server
const lines: string[] = []
const failures: string[] = []
/** What was given out on the way, and must be found nowhere but in the answer that gave it. */
const secrets: string[] = []

beforeAll(async () => {
  modelServer = createServer((request, response) => {
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: `This cannot be answered: ${body}`, type: 'invalid_request' } }))
    })
  })
  await new Promise<void>((resolve) => modelServer.listen(0, '127.0.0.1', resolve))
  const { port } = modelServer.address() as AddressInfo
  backend = await startBackend({
    log: createLog({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    env: {
      NITRO_WEB_PUBLIC_KEY: web.publicKeyPem,
      OPENAI_COMPATIBLE_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_COMPATIBLE_MODEL: 'echo',
    },
  })
  person = await backend.createPerson(`${canary}@example.com`)
  secrets.push(person.key)
}, 120_000)
afterAll(async () => {
  await backend?.close()
  modelServer?.close()
})

/** Keeps what went wrong, to be looked through at the end. */
async function send(path: string, init: RequestInit & { json?: unknown } = {}, by = person.request): Promise<Response> {
  const response = await by(path, init)
  if (response.status >= 400) failures.push(await response.clone().text())
  return response
}

async function asWeb(path: string, json: unknown): Promise<Response> {
  const authorization = `Bearer ${await web.service('POST', path, { clientAddress: '203.0.113.9', body: json })}`
  return send(path, { method: 'POST', json, headers: { authorization } })
}

const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
  send(path, { method: 'POST', json, headers })

async function upload(collection: string, name: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const query = new URLSearchParams({ name })
  await send(`/api/v1/collections/${collection}/documents?${query}`, { method: 'POST', body })
}

it('signs in and fails to, changes and forgets passwords', async () => {
  const email = `${canary}@example.com`
  expect((await asWeb('/api/v1/auth/sign-in', { email, password })).status).toBe(401)
  await asWeb('/api/v1/auth/sign-in', { email: `other-${canary}@example.com`, password })
  await asWeb('/api/v1/auth/sign-in', { email: `${canary} at home`, password: 17 })
  await asWeb('/api/v1/auth/sign-up', { email: `new-${canary}@example.com`, password, name: canary })
  await asWeb('/api/v1/auth/forgot-password', { email })
  await asWeb('/api/v1/auth/reset-password', { token: canary.repeat(3), password })
  const link = await backend.request('/api/v1/operator/users/reset-link', { method: 'POST', json: { email } })
  const [token = ''] = /[\w-]{40,}$/.exec(((await link.json()) as { link: string }).link) ?? []
  expect(token).not.toBe('')
  secrets.push(token)
  expect((await asWeb('/api/v1/auth/reset-password', { token, password })).status).toBe(204)
  expect((await asWeb('/api/v1/auth/reset-password', { token, password })).status).toBe(410)
  expect((await asWeb('/api/v1/auth/sign-in', { email, password })).status).toBe(200)
})

it('comes with credentials of every kind, in every place', async () => {
  const made = await post('/api/v1/api-keys', { name: canary })
  secrets.push(((await made.json()) as { key: string }).key)
  for (const authorization of [
    `Bearer nk_live_${canary.repeat(3)}`,
    `Bearer nt_${canary.repeat(3)}`,
    `Bearer ${canary}`,
    `Basic ${canary}`,
    `Bearer ${await web.sign({ sub: canary })}`,
  ]) {
    expect((await send('/api/v1/me', { headers: { authorization } })).status).toBe(401)
  }
  await send('/api/v1/me', { headers: { cookie: `session=${canary}`, 'x-api-key': canary, 'user-agent': canary } })
  await send(`/api/v1/me?key=${canary}&ticket=nt_${canary.repeat(3)}`)
  await send(`/api/v1/${canary}/${canary}?token=${canary}`)
  await send(`/ws?ticket=nt_${canary.repeat(3)}`)
  const ticket = await post('/api/v1/tickets', { kind: 'websocket' })
  secrets.push(((await ticket.json()) as { ticket: string }).ticket)
})

it('sends bodies that cannot be read', async () => {
  const headers = { 'content-type': 'application/json' }
  for (const body of [`{"password": "${canary}"`, `${canary}`, `[1, ${canary}]`, `{"a": "${canary}\u0000"}`]) {
    for (const path of ['/api/v1/conversations', '/api/v1/search', '/v1/chat/completions']) {
      await send(path, { method: 'POST', headers, body })
    }
  }
  await post('/api/v1/search', { query: canary, collectionIds: [canary], limit: canary })
  await post('/api/v1/conversations', { title: { canary } })
  await send(`/api/v1/conversations/${canary}`)
  await post('/api/v1/search', { query: `${canary}\u0000` })
})

it('uploads files that are good, and broken in their own ways', { timeout: 120_000 }, async () => {
  const collection = await post('/api/v1/collections', { name: canary })
  const { id } = (await collection.json()) as { id: string }
  await upload(id, `${canary}.txt`, `The ${canary} was seen on Tuesday.`)
  await upload(id, `${canary}.json`, `{"bird": "${canary}", `)
  await upload(id, `${canary}.jsonl`, `{"text": "${canary}"}\n{"text": ${canary}}\n`)
  await upload(id, `${canary}.pdf`, `%PDF-1.7 ${canary} %%EOF`)
  await upload(id, `${canary}.docx`, `PK\u0003\u0004 ${canary}`)
  await upload(id, `${canary}.html`, `<p>${canary}`)
  await upload(id, `${canary}.eml`, `From: ${canary}\nSubject: =?utf-8?q?${canary}`)
  await upload(id, `${canary}.csv`, `name,"${canary}\n1`)
  await upload(id, `${canary}.png`, new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 1, 2, 3]))
  for (;;) {
    const listed = await person.request(`/api/v1/collections/${id}/documents?limit=50`)
    const { items } = (await listed.json()) as { items: { status: string }[] }
    if (items.every(({ status }) => status === 'ready' || status === 'failed')) break
    await sleep(100)
  }
  await post('/api/v1/search', { query: `When was the ${canary} seen?` })
})

it('asks a model that says everything back when it fails', { timeout: 60_000 }, async () => {
  const { chunks } = await person.ask(`What is a ${canary}?`)
  expect(chunks.at(-1)).toBeDefined()
  await post('/v1/chat/completions', { model: 'compatible/echo', messages: [{ role: 'user', content: canary }] })
  await post('/v1/chat/completions', { model: 'no-such-model', messages: [{ role: 'user', content: canary }] })
  await post('/v1/embeddings', { model: 'no-such-model', input: canary })
})

it('has written nothing of it into the log, and said nothing of it in an error', async () => {
  // What is noted beside the answers has been written by then.
  await sleep(500)
  const events = lines.map((line) => (JSON.parse(line) as { event: string }).event)
  for (const event of ['request-end', 'run-end', 'document-failed', 'document-ready']) expect(events).toContain(event)
  const words = [canary, encodeURIComponent(canary), Buffer.from(canary).toString('base64'), ...secrets]
  const leaked = (text: string) => words.filter((word) => text.toLowerCase().includes(word.toLowerCase()))
  expect(lines.filter((line) => leaked(line).length > 0)).toEqual([])
  expect(failures.length).toBeGreaterThan(20)
  expect(failures.filter((failure) => leaked(failure).length > 0)).toEqual([])
})
