import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { NitroChunk } from '@nitroagi/shared/runs'
import { serverOptions } from '../src/app.ts'
import { compose } from '../src/compose.ts'
import { readConfig } from '../src/config.ts'
import { attachLive } from '../src/live/attach.ts'
import { silentLog, type Log } from '../src/log.ts'
import { openPorts, type Ports } from '../src/open-ports.ts'
import { generousSetting } from './generous-limits.ts'
import { openMemory } from './test-database.ts'

const operatorKey = 'no_operator-key-of-the-tests-0123456789'
const secretKeys = [randomBytes(32).toString('hex')]
/** The web app's origin as the tests' backend knows it. */
export const webOrigin = 'http://127.0.0.1:3999'

export interface TestBackend {
  url: string
  server: Server
  app: ReturnType<typeof compose>['app']
  ports: Ports
  /** A request with the operator's key or, after `as`, with somebody's. */
  request: Request
  /** Makes an account with a workspace and a key of its own. */
  createPerson(email?: string): Promise<Person>
  close(): Promise<void>
}

export interface Person {
  key: string
  email: string
  userId: string
  workspaceId: string
  request: Request
  /** Sends a message in a new conversation and reads the answer to its end. */
  ask(text: string): Promise<{ conversationId: string; chunks: NitroChunk[] }>
}

type Request = (path: string, init?: RequestInit & { json?: unknown }) => Promise<Response>

/** The real product on a port of its own, over an embedded database in memory, unless other ports are given. */
export async function startBackend(
  options: { ports?: Partial<Ports>; env?: Record<string, string>; log?: Log } = {},
): Promise<TestBackend> {
  const folder = await mkdtemp(join(tmpdir(), 'nitro-test-'))
  const server = createServer(serverOptions)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const config = readConfig({
    NODE_ENV: 'test',
    NITRO_DATA_DIR: folder,
    NITRO_PUBLIC_URL: url,
    CORS_ORIGINS: webOrigin,
    NITRO_RATE_LIMITS: generousSetting,
    ...options.env,
  })
  const log = options.log ?? silentLog
  const connection = options.ports?.connection ?? (await openMemory())
  const ports = { ...(await openPorts(config, connection, log)), ...options.ports, connection }
  const backend = compose({ config, ports, log, version: 'test', dataDir: { operatorKey, secretKeys } })
  server.on('request', getRequestListener(backend.app.fetch, { overrideGlobalObjects: false }))
  const live = attachLive(server, backend.live)
  await backend.start()
  const request = requestWith(url, operatorKey)
  let people = 0

  return {
    url,
    server,
    app: backend.app,
    ports,
    request,
    async createPerson(email = `person-${++people}@example.com`) {
      const user = await answered(request, '/api/v1/operator/users', {
        email,
        password: 'correct horse battery staple',
      })
      const { key } = await answered(request, '/api/v1/operator/keys', { email, name: 'test' })
      const own = requestWith(url, String(key))
      return {
        key: String(key),
        email,
        userId: String(user['userId']),
        workspaceId: String(user['workspaceId']),
        request: own,
        async ask(text) {
          const conversationId = String((await answered(own, '/api/v1/conversations', {}))['id'])
          const response = await own(`/api/v1/conversations/${conversationId}/messages`, {
            method: 'POST',
            headers: { accept: 'text/event-stream' },
            json: { text },
          })
          return { conversationId, chunks: chunksIn(await response.text()) }
        },
      }
    },
    async close() {
      await Promise.all([backend.stop(1_000), live.close()])
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await connection.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The chunks of a whole stream of server-sent events. */
export const chunksIn = (body: string): NitroChunk[] =>
  [...body.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as NitroChunk)

const requestWith =
  (url: string, key: string): Request =>
  (path, { json, ...init } = {}) =>
    fetch(url + path, {
      ...init,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: {
        authorization: `Bearer ${key}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(init.headers as Record<string, string> | undefined),
      },
    })

async function answered(request: Request, path: string, json: unknown): Promise<Record<string, unknown>> {
  const response = await request(path, { method: 'POST', json })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}
