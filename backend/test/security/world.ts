import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { SignedIn } from '@nitroagi/shared/identity'
import { createSessionsRepository } from '../../src/ports/database/sessions.ts'
import { createEmbedders } from '../../src/ports/embedder/embedders.ts'
import type { Mail } from '../../src/ports/mail/port.ts'
import { startBackend, webOrigin, type TestBackend } from '../test-backend.ts'
import { createTestWeb } from '../test-web.ts'
import { createWordEmbedder } from '../word-embedder.ts'
import { plant } from './plant.ts'

export const operatorKey = 'no_operator-key-of-the-tests-0123456789'
export const password = 'correct horse battery staple'
/** For opening a world while the machine has other work; nothing asserts how long it took. */
export const openingMs = 300_000

/** An id that nobody has. */
export const nowhere = '0190b6a4-0000-7000-8000-000000000000'

export interface Person extends SignedIn {
  key: string
}

/** By which credential somebody asks. */
export type As = 'session' | 'key'

type Letter = Parameters<Mail['send']>[0]

export interface Asked {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface Told {
  status: number
  headers: Headers
  text: string
}

export type World = Awaited<ReturnType<typeof openWorld>>

/** With something of every kind in both workspaces. In Bob's, all that has a name or a text has the canary in it. */
export async function openWorld() {
  const people = await openPeople()
  const { site, alice, bob, erin, ben, canary } = people
  const planting = { site, as: people.as }
  const [ofAlice, ofBob] = await Promise.all([
    plant(planting, { owner: alice, colleague: erin, word: 'Meadow' }),
    plant(planting, { owner: bob, colleague: ben, word: canary }),
  ])
  return { ...people, ofAlice, ofBob }
}

/**
 * The real product with two workspaces: Alice owns one, where Carol is a viewer, Erin a member and Dan suspended; Bob
 * owns the other, where Ben is a member. Asked in process, without a socket or a proxy.
 */
export async function openPeople() {
  const web = createTestWeb()
  const site = await openSite()
  const letters: Letter[] = []
  const backend = await startBackend({
    ports: {
      embedders: createEmbedders([createWordEmbedder()]),
      mail: { isConfigured: true, send: async (letter) => void letters.push(letter) },
    },
    env: { NITRO_WEB_PUBLIC_KEY: web.publicKeyPem, NITRO_ALLOWED_PRIVATE_HOSTS: new URL(site.url).host },
  })
  const canary = `CANARY${randomBytes(6).toString('hex')}`

  async function tell(path: string, { method = 'GET', body, headers = {} }: Asked): Promise<Told> {
    const isBytes = body instanceof Uint8Array
    // A stream of a run's events is written to its socket, so it is asked for over one.
    const fetched = /\/events\b/.test(path) ? (init: RequestInit) => fetch(backend.url + path, init) : undefined
    const response = await (fetched ?? ((init: RequestInit) => backend.app.request(path, init)))({
      method,
      headers: { ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined
        ? {}
        : { body: isBytes || typeof body === 'string' ? (body as string) : JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, text: await textOf(response) }
  }

  const bearer = (credential: string, asked: Asked): Asked => ({
    ...asked,
    headers: { authorization: `Bearer ${credential}`, ...asked.headers },
  })
  const pathOf = (path: string) => path.split('?')[0]!

  const doors = {
    asNobody: (path: string, asked: Asked = {}) => tell(path, asked),
    asOperator: (path: string, asked: Asked = {}) => tell(path, bearer(operatorKey, asked)),
    withCredential: (credential: string, path: string, asked: Asked = {}) => tell(path, bearer(credential, asked)),
    async asWeb(path: string, asked: Asked = {}) {
      return tell(path, bearer(await web.service(asked.method ?? 'GET', pathOf(path), asked), asked))
    },
    async as(who: Person, by: As, path: string, asked: Asked = {}) {
      if (by === 'key') return tell(path, bearer(who.key, asked))
      return tell(path, bearer(await web.person(who, asked.method ?? 'GET', pathOf(path), asked.body), asked))
    },
  }

  const sessions = createSessionsRepository(backend.ports.connection)
  async function join(name: string, workspace: string, role: string): Promise<Person> {
    const email = `${name}@example.com`
    const user = posted({ email, password, name, workspace, role })
    const account = await good<Omit<SignedIn, 'sessionId'>>(doors.asOperator('/api/v1/operator/users', user))
    const sessionId = await sessions.begin({ userId: account.userId, seconds: 3600 })
    const scopes = role === 'viewer' ? ['read'] : role === 'member' ? ['read', 'chat', 'knowledge'] : undefined
    const made = await good<{ key: string }>(
      doors.asOperator('/api/v1/operator/keys', posted({ email, name: `${name}’s key`, scopes: scopes ?? allScopes })),
    )
    await backend.ports.connection.query(`UPDATE api_keys SET tier = 'enterprise' WHERE user_id = $1`, [account.userId])
    return { ...account, sessionId, key: made.key }
  }

  const alice = await join('alice', 'Team of Alice', 'owner')
  const carol = await join('carol', 'Team of Alice', 'viewer')
  const erin = await join('erin', 'Team of Alice', 'member')
  const dan = await join('dan', 'Team of Alice', 'member')
  const bob = await join(`bob-${canary.toLowerCase()}`, `Team ${canary}`, 'owner')
  const ben = await join(`ben-${canary.toLowerCase()}`, `Team ${canary}`, 'member')
  const danTicket = await good<{ ticket: string }>(
    doors.as(dan, 'session', '/api/v1/tickets', posted({ kind: 'attachment' })),
  )
  await backend.ports.connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [dan.userId])
  // His ticket is to be refused because of him, not because of its age.
  await backend.ports.connection.query(`UPDATE tickets SET expires_at = now() + interval '1 hour'`)
  return {
    ...doors,
    backend,
    web,
    canary,
    alice,
    bob,
    carol,
    erin,
    dan,
    ben,
    danTicket: danTicket.ticket,
    routes: () => [
      ...new Set(
        backend.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
      ),
    ],
    fingerprint: (who: Person) => fingerprint(backend, who),
    site: site.url,
    letters,
    async close() {
      await backend.close()
      site.close()
    },
  }
}

/** A web site that may be fetched; its pages say what their address says, and `/to/302?…` leads elsewhere. */
async function openSite() {
  const server = createServer((request, response) => {
    const [, status, to] = /^\/to\/(\d+)\?(.*)$/.exec(request.url ?? '') ?? []
    if (to !== undefined) return void response.writeHead(Number(status), { location: decodeURIComponent(to) }).end()
    const words = decodeURIComponent(request.url ?? '').replaceAll('/', ' ')
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(
      `<!doctype html><title>Page${words}</title><main><p>${`The page says${words}. `.repeat(20)}</p></main>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const allScopes = ['read', 'chat', 'knowledge', 'admin']

export const posted = (body: unknown): Asked => ({ method: 'POST', body })

export const fromPage = { origin: webOrigin }

/** What was answered, when it was a success. */
export async function good<Body = Record<string, unknown>>(told: Promise<Told>): Promise<Body> {
  const { status, text } = await told
  if (status >= 300) throw new Error(`${status} ${text}`)
  return (text === '' ? {} : JSON.parse(text)) as Body
}

/** All that was said; of a stream that does not end by itself, what comes at once. */
async function textOf(response: Response): Promise<string> {
  if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  let said = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const late = wait(300).then(() => ({ done: true, value: undefined }) as const)
  for (;;) {
    const { done, value } = await Promise.race([reader.read(), late])
    if (done) break
    said += value
  }
  await reader.cancel().catch(() => {})
  return said
}

/** A checksum for each table over all rows of somebody's workspace and of their own, but for notes of a visit. */
async function fingerprint(backend: TestBackend, who: Person): Promise<Record<string, string>> {
  const { connection } = backend.ports
  const columns = await connection.query<{ table: string; columns: string[] }>(
    `SELECT c.table_name::text AS table, array_agg(c.column_name::text) AS columns FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1`,
  )
  const found: Record<string, string> = {}
  for (const { table, columns: names } of columns) {
    const conditions = [
      ...(names.includes('workspace_id') ? ['t.workspace_id = $1'] : []),
      ...(names.includes('user_id') ? ['t.user_id = $2'] : []),
      ...(table === 'users' ? ['t.id = $2'] : []),
      ...(table === 'workspaces' ? ['t.id = $1'] : []),
    ]
    if (conditions.length === 0) continue
    const [row] = await connection.query<{ rows: number; sum: string }>(
      `SELECT count(*)::int AS rows, md5(coalesce(string_agg(text, '|' ORDER BY text), '')) AS sum FROM (
         SELECT (to_jsonb(t) - '{last_used_at,last_seen_at}'::text[])::text AS text FROM "${table}" t
         WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL AND (${conditions.join(' OR ')})) AS rows`,
      [who.workspaceId, who.userId],
    )
    found[table] = `${row!.rows} rows, ${row!.sum}`
  }
  return found
}
