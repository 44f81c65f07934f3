import { once } from 'node:events'
import { request as send, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { serve, type ServerType } from '@hono/node-server'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverOptions } from '../src/app.ts'
import { createRoutes } from '../src/http/routes.ts'
import { silentLog, type Log } from '../src/log.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { openMemory } from './test-database.ts'

/** Over a real socket: what Node itself refuses, and bodies and streams as they come in pieces. */

let connection: Connection
let app: TestApp
let server: ServerType
let port: number
const ended: object[] = []
const log: Log = {
  ...silentLog,
  info: (event, fields) =>
    void (event === 'request-end' && fields?.['firstByteMs'] !== undefined && ended.push(fields)),
}

beforeAll(async () => {
  connection = await openMemory()
  const endless = createRoutes().get('/stream', (c) => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(': hello\n\n')),
    })
    return c.body(body, 200, { 'content-type': 'text/event-stream' })
  })
  const base = createTestApp(connection)
  await base.createUser({ email: 'ada@example.com' })
  app = createTestApp(connection, { backend: { log, routes: [...echoOf(), { path: '/api/v1', app: endless }] } })
  server = serve({ fetch: app.app.fetch, port: 0, hostname: '127.0.0.1', serverOptions })
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server?.close()
  await connection?.close()
})

function echoOf() {
  const routes = createRoutes().post('/echo', async (c) => c.json({ size: JSON.stringify(await c.req.json()).length }))
  return [{ path: '/api/v1', app: routes }]
}

async function ask(path: string, { method = 'GET', headers = {}, pieces = [] as (string | Buffer)[] } = {}) {
  const outgoing = send({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: { authorization: `Bearer ${app.operatorKey}`, ...headers },
    agent: false,
  })
  // The server may refuse before all is sent.
  outgoing.on('error', () => {})
  const response = once(outgoing, 'response') as Promise<[IncomingMessage]>
  for (const piece of pieces) outgoing.write(piece)
  outgoing.end()
  const [incoming] = await response
  return incoming
}
const codeOf = async (incoming: IncomingMessage) => ErrorEnvelope.parse(JSON.parse(await text(incoming))).error.code
const json = { 'content-type': 'application/json' }

describe('a body over a socket', () => {
  it('may come in pieces that cut a character in two', async () => {
    const bytes = Buffer.from(JSON.stringify({ text: 'ü🚀' }))
    const pieces = [...bytes].map((byte) => Buffer.from([byte]))
    const answer = await ask('/api/v1/echo', { method: 'POST', headers: json, pieces })
    expect([answer.statusCode, JSON.parse(await text(answer))]).toEqual([
      200,
      { size: JSON.stringify({ text: 'ü🚀' }).length },
    ])
  })

  it('may declare its length', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(100_000) })
    const headers = { ...json, 'content-length': Buffer.byteLength(body) }
    expect((await ask('/api/v1/echo', { method: 'POST', headers, pieces: [body] })).statusCode).toBe(200)
  })

  it('is refused beyond 1 MB, in pieces or declared, and the server goes on', async () => {
    const pieces = Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, 'x'))
    const chunked = await ask('/api/v1/echo', { method: 'POST', headers: json, pieces })
    expect([chunked.statusCode, await codeOf(chunked)]).toEqual([413, 'payload_too_large'])
    const headers = { ...json, 'content-length': 40 * 64 * 1024 }
    const declared = await ask('/api/v1/echo', { method: 'POST', headers, pieces })
    expect([declared.statusCode, await codeOf(declared)]).toEqual([413, 'payload_too_large'])
    expect((await ask('/health/live')).statusCode).toBe(200)
  })

  it('that is not UTF-8 is refused, and so is one on a GET', async () => {
    const bad = await ask('/api/v1/echo', { method: 'POST', headers: json, pieces: [Buffer.from([0x22, 0xff, 0x22])] })
    expect([bad.statusCode, await codeOf(bad)]).toEqual([400, 'invalid_input'])
    const read = await ask('/api/v1/me', { headers: { 'content-length': 2 }, pieces: ['{}'] })
    expect(read.statusCode).toBe(400)
  })

  it('that never comes whole is forgotten with its connection', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /api/v1/echo HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.operatorKey}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"te`,
    )
    await once(socket, 'connect')
    socket.destroy()
    expect((await ask('/health/live')).statusCode).toBe(200)
  })
})

describe('headers and addresses', () => {
  it('are refused when they are too long', async () => {
    expect((await ask('/api/v1/me', { headers: { 'x-long': 'x'.repeat(17 * 1024) } })).statusCode).toBe(431)
    const long = await ask(`/api/v1/me?q=${'x'.repeat(9 * 1024)}`)
    expect([long.statusCode, await codeOf(long)]).toEqual([400, 'bad_request'])
  })

  it('are refused when they contradict each other', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /api/v1/echo HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.operatorKey}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/me HTTP/1.1\r\n\r\n`,
    )
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400/)
  })

  it('hold a NUL nowhere', async () => {
    expect((await ask('/api/v1/me?q=%00')).statusCode).toBe(400)
  })
})

it('writes a stream’s line when its reader is gone', async () => {
  const stream = await ask('/api/v1/stream')
  await once(stream, 'data')
  expect(ended).toEqual([])
  stream.destroy()
  for (let wait = 0; ended.length === 0 && wait < 500; wait++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(ended).toMatchObject([{ route: '/api/v1/stream', status: 200 }])
})
