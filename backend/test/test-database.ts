import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import pg from 'pg'
import { describe } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Connection } from '../src/ports/database/connection.ts'
import { migrate } from '../src/ports/database/migrations.ts'
import { openNeon } from '../src/ports/database/neon.ts'
import { connectPglite, createPglite } from '../src/ports/database/pglite.ts'
import { openPostgres } from '../src/ports/database/postgres.ts'

export interface TestDatabase {
  /** A migrated database of this test file's own; close it in `afterAll`. */
  open(): Promise<Connection>
}

const url = process.env['TEST_DATABASE_URL']

/** Runs the suite once per adapter. PostgreSQL and Neon need TEST_DATABASE_URL; without it, that is said and counted as skipped. */
export function eachDatabase(suite: (name: string, database: TestDatabase) => void): void {
  describe('pglite', () => suite('pglite', { open: openMemory }))
  if (url === undefined) {
    describe.skip('postgres and neon: skipped, because TEST_DATABASE_URL is not set', () =>
      suite('postgres', { open: openMemory }))
    return
  }
  describe('postgres', () => suite('postgres', { open: () => openTestPostgres(url) }))
  describe('neon driver', () => suite('neon', { open: () => openThroughWebSocket(url) }))
}

let template: Promise<Blob> | undefined

/** A migrated database in memory. It is made once a file and loaded from its image after that. */
export async function openMemory(): Promise<Connection> {
  template ??= (async () => {
    const lite = await createPglite({})
    const connection = connectPglite(lite)
    await migrate(connection)
    const image = await lite.dumpDataDir('none')
    await connection.close()
    return image
  })()
  return connectPglite(await createPglite({ loadDataDir: await template }))
}

async function openMigrated(open: Promise<Connection>): Promise<Connection> {
  const connection = await open
  await migrate(connection)
  return connection
}

/** A database with a random name on the test server; dropped when its last connection closes. */
async function createDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run(`CREATE DATABASE ${name}`)
  const target = new URL(server)
  target.pathname = `/${name}`
  return { url: target.href, drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

export async function openTestPostgres(server: string): Promise<Connection & { url: string }> {
  const { url, drop } = await createDatabase(server)
  const connection = await openMigrated(openPostgres({ url }))
  return { ...connection, url, close: () => connection.close().then(drop) }
}

/** Neon's driver speaks PostgreSQL through a WebSocket; this stands where Neon's own proxy would. */
async function openThroughWebSocket(server: string): Promise<Connection> {
  const { url, drop } = await createDatabase(server)
  const { hostname, port } = new URL(url)
  const proxy = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(proxy, 'listening')
  proxy.on('connection', (client) => {
    const upstream = connect(Number(port || 5432), hostname)
    const downstream = createWebSocketStream(client)
    downstream.pipe(upstream).pipe(downstream)
    upstream.on('error', () => client.close())
    downstream.on('error', () => upstream.destroy())
  })
  const { port: proxyPort } = proxy.address() as AddressInfo
  const wsProxy = (host: string, target: number | string) => `127.0.0.1:${proxyPort}/v1?address=${host}:${target}`
  const connection = await openMigrated(openNeon({ url, wsProxy }))
  return {
    ...connection,
    async close() {
      await connection.close()
      for (const client of proxy.clients) client.terminate()
      proxy.close()
      await drop()
    },
  }
}
