import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import pg from 'pg'
import { serverOptions } from '../../src/app.ts'
import type { Call } from '../../src/call.ts'
import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { openPorts } from '../../src/open-ports.ts'
import type { Connection, Scope } from '../../src/ports/database/connection.ts'
import { migrate } from '../../src/ports/database/migrations.ts'
import { createEmbedders } from '../../src/ports/embedder/embedders.ts'
import type { Embedder } from '../../src/ports/embedder/port.ts'
import { createUseLiteEmbedder } from '../../src/ports/embedder/use-lite.ts'
import { evalFolder, isPresent, readSet } from '../eval/sets.ts'
import { generousSetting } from '../generous-limits.ts'
import { signUp } from '../knowledge-backend.ts'
import { atMost, median, notMeasured, percentile, type Bench, type Figure, type Row } from './row.ts'
import { fill, open } from './search.ts'
import { temporaryFolder } from './surroundings.ts'

const passages = 5_000
const conversations = 200
const messages = 20

export const rowLevelSecurity: Row = {
  name: 'row-level-security',
  title: 'What row-level security costs',
  method: `The same requests over HTTP to two backends in one process, in turns: one as it is, and one that asks as the database's superuser, whom no policy holds, without a transaction, a role or a workspace being set. Over ${conversations} conversations of ${messages} messages and ${passages.toLocaleString('en')} passages; a search makes its question's vector, and none is remembered. On Postgres both keep the statements prepared that the product keeps.`,
  isSlow: true,
  async run(bench) {
    const what = 'Share of a request that row-level security takes'
    if (!isPresent('squad') || !isPresent('scifact'))
      return [notMeasured(what, share, `not measured: no squad and scifact at ${evalFolder}`)]
    const figures = await measure(bench, 'pglite')
    if (bench.postgres === undefined)
      return [...figures, notMeasured(`${what}, Postgres`, share, 'not measured: TEST_DATABASE_URL is not set')]
    return [...figures, ...(await measure(bench, 'postgres'))]
  },
}

const share = atMost(10, '%')

async function measure(bench: Bench, adapter: 'pglite' | 'postgres'): Promise<Figure[]> {
  const { connection, url, close } = await open(bench, adapter)
  const bare = unsecured(connection, url)
  const embedder = createUseLiteEmbedder({ workers: 1 })
  try {
    await migrate(connection)
    const call = await signUp(connection, 'bench')
    await fill(bench, connection, call, embedder, bench.isQuick ? passages / 10 : passages)
    const ids = await talk(connection, call)
    await connection.query('ANALYZE')
    const asked = readSet('squad').slice(0, 300)
    const [secured, unsecured] = await Promise.all([serve(connection, embedder), serve(bare.connection, embedder)])
    const key = await secured.createKey(call)
    const requestsTo = ({ url }: Served) => {
      const ask = async (path: string, json?: unknown) => {
        const response = await fetch(url + path, {
          method: json === undefined ? 'GET' : 'POST',
          headers: {
            authorization: `Bearer ${key}`,
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        })
        const said = await response.text()
        if (!response.ok) throw new Error(`${path}: ${response.status} ${said}`)
      }
      return {
        'List conversations': (_: number) => ask('/api/v1/conversations?limit=50'),
        'Open a conversation': (turn: number) => ask(`/api/v1/conversations/${ids[turn % ids.length]!}`),
        'Search 5,000 passages': (turn: number) =>
          ask('/api/v1/search', { query: asked[turn % asked.length]!.text, limit: 10 }),
      }
    }
    const [withPolicies, without] = [requestsTo(secured), requestsTo(unsecured)]
    const figures: Figure[] = []
    for (const name of Object.keys(without) as (keyof typeof without)[]) {
      const turns = bench.isQuick ? 20 : name.startsWith('Search') ? 120 : 400
      const times = await inTurns(withPolicies[name], without[name], turns)
      const [withIt, withoutIt] = [median(times.secured), median(times.bare)]
      bench.say(`${adapter}: ${name}`)
      figures.push({
        what: `${name}, ${adapter === 'pglite' ? 'embedded' : 'Postgres'}`,
        aim: share,
        measured: (100 * (withIt - withoutIt)) / withIt,
        unit: '%',
        remark: `p50 ${withIt.toFixed(2)} ms with, ${withoutIt.toFixed(2)} ms without; p95 ${percentile(times.secured, 0.95).toFixed(2)} and ${percentile(times.bare, 0.95).toFixed(2)} ms`,
      })
    }
    await Promise.all([secured.close(), unsecured.close()])
    return figures
  } finally {
    await embedder.close()
    await bare.close()
    await close()
  }
}

type Served = Awaited<ReturnType<typeof serve>>
type Request = (turn: number) => Promise<unknown>

/** Each goes first in half of the turns; both get the same questions, and the first ones are not counted. */
async function inTurns(secured: Request, bare: Request, turns: number) {
  const times = { secured: [] as number[], bare: [] as number[] }
  const warming = Math.ceil(turns / 10)
  for (let turn = 0; turn < turns + warming; turn++) {
    const pair = [['secured', secured] as const, ['bare', bare] as const]
    for (const [name, request] of turn % 2 ? pair : pair.toReversed()) {
      const begun = performance.now()
      await request(turn)
      if (turn >= warming) times[name].push(performance.now() - begun)
    }
  }
  return times
}

/** The product without its jobs, on a port of its own. */
async function serve(connection: Connection, embedder: Embedder) {
  const folder = temporaryFolder()
  const operatorKey = `no_${randomBytes(24).toString('hex')}`
  const config = readConfig({
    NODE_ENV: 'test',
    NITRO_DATA_DIR: folder.path,
    NITRO_RATE_LIMITS: generousSetting,
  })
  const ports = { ...(await openPorts(config, connection, silentLog)), embedders: createEmbedders([embedder]) }
  const dataDir = { operatorKey, secretKeys: [randomBytes(32).toString('hex')] }
  const { app } = compose({ config, ports, log: silentLog, version: 'bench', dataDir })
  const server = createServer(serverOptions, getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    async createKey({ actor }: Call): Promise<string> {
      const [person] = await connection.query<{ email: string }>('SELECT email FROM users WHERE id = $1', [
        actor.userId,
      ])
      const response = await fetch(`${url}/api/v1/operator/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ email: person?.email, name: 'bench' }),
      })
      return ((await response.json()) as { key: string }).key
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      folder.remove()
    },
  }
}

/** The login of the bench is the superuser of its database. */
function unsecured(connection: Connection, url: string | undefined) {
  const pool = url === undefined ? undefined : new pg.Pool({ connectionString: url, max: 10 })
  const scope: Scope = {
    query: connection.query,
    prepared: async <Row>(name: string, text: string, params: readonly unknown[]) =>
      pool
        ? ((await pool.query({ name, text, values: [...params] })).rows as Row[])
        : connection.query<Row>(text, params),
    transaction: connection.transaction,
    prisma: () => Promise.reject(new Error('None of these requests asks Prisma')),
  }
  return {
    connection: { ...connection, tenant: () => scope, system: scope } satisfies Connection,
    close: async () => pool?.end(),
  }
}

async function talk(connection: Connection, { actor: { workspaceId, userId } }: Call): Promise<string[]> {
  const ids = Array.from({ length: conversations }, () => randomUUID())
  const parts = JSON.stringify([{ type: 'text', text: 'What people write and are answered. '.repeat(12) }])
  for (const id of ids) {
    await connection.query(
      `WITH c AS (INSERT INTO conversations (workspace_id, owner_id, id, title) VALUES ($1, $2, $3, 'A talk') RETURNING id)
       INSERT INTO messages (workspace_id, conversation_id, role, parts)
       SELECT $1, c.id, CASE n % 2 WHEN 0 THEN 'assistant' ELSE 'user' END, $4::jsonb FROM c, generate_series(1, ${messages}) n`,
      [workspaceId, userId, id, parts],
    )
  }
  return ids
}
