import { ErrorEnvelope } from '@nitroagi/shared/errors'
import type { Health } from '@nitroagi/shared/health'
import type { SignedIn } from '@nitroagi/shared/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Log } from '../src/log.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { answersToStrangers, openToStrangers } from './strangers.ts'
import { createTestApp, webOrigin, type TestApp } from './test-app.ts'
import { openMemory } from './test-database.ts'

interface Line {
  event: string
  fields: Record<string, unknown>
}

let connection: Connection
let app: TestApp
let ada: SignedIn
const lines: Line[] = []
const recording = (fixed: object = {}): Log => {
  const write = (event: string, fields: object = {}) => void lines.push({ event, fields: { ...fixed, ...fields } })
  return { info: write, warn: write, error: write, with: (fields) => recording({ ...fixed, ...fields }) }
}

beforeAll(async () => {
  connection = await openMemory()
  app = createTestApp(connection, { backend: { log: recording() } })
  ada = await app.createUser({ email: 'ada@example.com' })
})
afterAll(() => connection?.close())

const echo = (body: unknown, headers: Record<string, string> = {}) =>
  app.asPerson(ada, '/api/v1/echo', { method: 'POST', body, headers })
const failureOf = async (response: Response) => ErrorEnvelope.parse(await response.json()).error

describe('without a credential', () => {
  it('only the two health probes answer, out of all routes there are', async () => {
    expect(await answersToStrangers(app.app)).toEqual(openToStrangers)
  })

  it('an address that does not exist looks like any other', async () => {
    const missing = await app.request('/api/v1/nothing')
    const there = await app.request('/api/v1/me')
    expect([missing.status, there.status]).toEqual([401, 401])
    expect((await failureOf(missing)).message).toBe((await failureOf(there)).message)
    expect((await app.withKey(app.operatorKey, '/api/v1/nothing')).status).toBe(404)
  })

  it('a body is not even parsed', async () => {
    const asked = { method: 'POST', body: '{broken' }
    expect((await app.request('/api/v1/echo', asked)).status).toBe(401)
    let pulled = 0
    const body = new ReadableStream(
      {
        pull(controller) {
          pulled++
          controller.enqueue(new Uint8Array(1024))
        },
      },
      { highWaterMark: 0 },
    )
    const init = { method: 'POST', body, duplex: 'half', headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' } }
    expect((await app.app.request('/api/v1/echo', init as RequestInit)).status).toBe(401)
    expect(pulled).toBe(0)
  })

  it('the probes say nothing but yes', async () => {
    expect(await (await app.request('/health/live')).json()).toEqual({ status: 'ok' })
    expect(await (await app.request('/health/ready')).json()).toEqual({ ready: true })
    const starting = createTestApp(connection, { backend: { health: { checks: {}, isReady: () => false } } })
    const answer = await starting.request('/health/ready')
    expect([answer.status, await answer.json()]).toEqual([503, { ready: false }])
  })
})

describe('a body', () => {
  it('is parsed by the route', async () => {
    expect(await (await echo({ text: 'Grüße 🚀' })).json()).toMatchObject({ text: 'Grüße 🚀', userId: ada.userId })
  })

  it.each([
    ['that is no JSON', '{"text": ', 400, 'invalid_input'],
    ['that is empty', '', 400, 'invalid_input'],
    ['that holds too little', {}, 400, 'invalid_input'],
    ['that holds too much', { text: 'Hi', workspaceId: 'x' }, 400, 'invalid_input'],
    ['that is a list', [], 400, 'invalid_input'],
    ['that holds a NUL', { text: 'a\0b' }, 400, 'invalid_input'],
    ['that is larger than 1 MB', { text: 'x'.repeat(1024 * 1024) }, 413, 'payload_too_large'],
  ])('%s is refused', async (_, body, status, code) => {
    const answer = await echo(body)
    expect([answer.status, (await failureOf(answer)).code]).toEqual([status, code])
  })

  it('may speak of a NUL and be deep', async () => {
    expect((await echo({ text: 'write \\u0000 in JSON' })).status).toBe(200)
    expect((await echo(`${'['.repeat(100_000)}`)).status).toBe(400)
  })

  it('that is not UTF-8 is refused', async () => {
    const body = new Uint8Array([...Buffer.from('{"text":"'), 0xff, 0xfe, ...Buffer.from('"}')])
    const token = await app.web.person(ada, 'POST', '/api/v1/echo', body)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await app.app.request('/api/v1/echo', { method: 'POST', headers, body })
    expect([answer.status, (await failureOf(answer)).message]).toEqual([400, 'The request is not valid UTF-8'])
  })

  it('is counted as it comes, whatever it declares', async () => {
    const endless = (length?: string) => {
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) })
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${app.operatorKey}`,
        ...(length && { 'content-length': length, 'transfer-encoding': 'chunked' }),
      }
      return app.app.request('/api/v1/echo', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    }
    expect((await endless()).status).toBe(413)
    expect((await endless('10')).status).toBe(413)
  })

  it('of another kind, or compressed, is refused', async () => {
    expect((await echo('<text/>', { 'content-type': 'application/xml' })).status).toBe(415)
    expect((await echo({ text: 'Hi' }, { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await app.asPerson(ada, '/api/v1/me', { headers: { 'content-length': '4' } })).status).toBe(400)
  })
})

describe('an answer', () => {
  it('is private, named, and says nothing about the server', async () => {
    const { headers } = await app.asPerson(ada, '/api/v1/me')
    expect(headers.get('cache-control')).toBe('private, no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect([headers.get('x-powered-by'), headers.get('server'), headers.get('access-control-allow-origin')]).toEqual([
      null,
      null,
      null,
    ])
  })

  it('bears the web app’s request id, and nobody else’s', async () => {
    const id = '0190b6a4-1111-7000-8000-000000000000'
    const named = { headers: { 'x-request-id': id } }
    const answer = await app.asPerson(ada, '/api/v1/me', named)
    expect(answer.headers.get('x-request-id')).toBe(id)
    expect((await app.withKey(app.operatorKey, '/api/v1/me', named)).headers.get('x-request-id')).not.toBe(id)
    expect((await app.request('/api/v1/me', named)).headers.get('x-request-id')).not.toBe(id)
    const odd = await app.asPerson(ada, '/api/v1/me', { headers: { 'x-request-id': 'a\tb' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('keeps what broke to itself and writes it down', async () => {
    const answer = await app.asPerson(ada, '/api/v1/broken')
    const text = await answer.text()
    expect([answer.status, text.includes('hunter2')]).toEqual([500, false])
    const { requestId } = ErrorEnvelope.parse(JSON.parse(text)).error
    const line = lines.find(({ event, fields }) => event === 'request-failed' && fields['requestId'] === requestId)
    expect(String(line?.fields['error'])).toContain('hunter2')
  })

  it('to a page of another origin is none, except for uploads from our own', async () => {
    const ask = (path: string, origin: string) =>
      app.request(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    const upload = '/api/v1/collections/0190b6a4-0000-7000-8000-000000000000/documents'
    const allowed = await ask(upload, webOrigin)
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, webOrigin])
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull()
    expect((await ask(upload, 'https://evil.example')).status).toBe(401)
    expect((await ask('/api/v1/echo', webOrigin)).status).toBe(401)
    const read = await app.asPerson(ada, '/api/v1/me', { headers: { origin: webOrigin } })
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('leaves one line, with the pattern of the route and no secret', async () => {
    lines.length = 0
    const token = await app.web.person(ada, 'DELETE', '/api/v1/api-keys/0190b6a4-0000-7000-8000-000000000000')
    await app.request('/api/v1/api-keys/0190b6a4-0000-7000-8000-000000000000?secret=canary', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'canary' },
    })
    const ends = lines.filter(({ event }) => event === 'request-end')
    expect(ends).toHaveLength(1)
    expect(ends[0]?.fields).toMatchObject({
      method: 'DELETE',
      route: '/api/v1/api-keys/:id',
      status: 404,
      userId: ada.userId,
    })
    expect(ends[0]?.fields['durationMs']).toBeTypeOf('number')
    await app.request('/api/v1/whatever/canary')
    expect(lines.at(-1)?.fields).toMatchObject({ route: 'unmatched', status: 401 })
    expect(JSON.stringify(lines)).not.toMatch(/canary|eyJ/)
  })
})

describe('the OpenAPI document', () => {
  it('describes every route that there is, in version 3.1', async () => {
    const answer = await app.withKey(app.operatorKey, '/api/v1/openapi.json')
    const document = (await answer.json()) as { openapi: string; paths: Record<string, Record<string, unknown>> }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/health', '/api/v1/me', '/api/v1/echo']))
    expect(document.paths['/api/v1/api-keys/{id}']).toHaveProperty('delete')
    expect(JSON.stringify(document.paths['/api/v1/tickets'])).toContain('websocket')
  })
})

describe('health and metrics', () => {
  it('tells somebody with a credential what is down, and bears a dependency that hangs', async () => {
    const check = (critical: boolean, run: () => Promise<string | void>) => ({ critical, check: run })
    const broken = createTestApp(connection, {
      backend: {
        health: {
          isReady: () => true,
          checks: {
            database: check(true, async () => 'pglite'),
            queue: check(false, () => new Promise(() => {})),
            objects: check(false, () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3:5432'))),
          },
        },
      },
    })
    const health = (await (await broken.withKey(broken.operatorKey, '/health')).json()) as Health
    expect(health).toMatchObject({
      status: 'degraded',
      dependencies: {
        database: { status: 'ok', detail: 'pglite' },
        queue: { status: 'down', latencyMs: null, detail: 'No answer within 2 s' },
        objects: { status: 'down', latencyMs: null, detail: 'It failed' },
      },
    })
  })

  it('counts requests by route, never by path', async () => {
    await app.request('/api/v1/never/seen/before')
    const answer = await app.withKey(app.operatorKey, '/metrics')
    expect(answer.headers.get('content-type')).toContain('text/plain')
    const text = await answer.text()
    expect(text).toContain('nitro_http_request_seconds_count{method="GET",route="/api/v1/me",status="200"}')
    expect(text).toContain('nodejs_eventloop_lag')
    expect(text).not.toContain('never')
  })
})
