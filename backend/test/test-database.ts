import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { describe } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Connection } from '../src/ports/database/connection.ts'
import { createPglite } from '../src/ports/database/create-pglite.ts'
import { openNeon } from '../src/ports/database/neon.ts'
import { connectPglite } from '../src/ports/database/pglite.ts'
import { openPostgres } from '../src/ports/database/postgres.ts'
import { createDatabase, type CreatedDatabase, createMigratedDatabase, embeddedImage } from './prepared-databases.ts'

export interface TestDatabase {
  /** A migrated database of this test file's own; close it in `afterAll`. */
  open(): Promise<Connection>
  /** The same before its first migration. */
  openEmpty(): Promise<Connection>
}

const url = process.env['TEST_DATABASE_URL']

/** Runs the suite once per adapter. PostgreSQL and Neon need TEST_DATABASE_URL; without it, that is said and counted as skipped. */
export function eachDatabase(suite: (name: string, database: TestDatabase) => void): void {
  const inMemory = { open: openMemory, openEmpty: openEmptyMemory }
  describe('pglite', () => suite('pglite', inMemory))
  if (url === undefined) {
    describe.skip('postgres and neon: skipped, because TEST_DATABASE_URL is not set', () => suite('postgres', inMemory))
    return
  }
  const onServer = (open: (database: CreatedDatabase) => Promise<Connection>): TestDatabase => ({
    open: async () => open(await createMigratedDatabase(url)),
    openEmpty: async () => open(await createDatabase(url)),
  })
  describe('postgres', () => suite('postgres', onServer(overTcp)))
  describe('neon driver', () => suite('neon', onServer(openThroughWebSocket)))
}

/** A migrated database in memory. */
export const openMemory = async (): Promise<Connection> =>
  connectPglite(await createPglite({ loadDataDir: await embeddedImage() }))

/** The same before its first migration. */
const openEmptyMemory = async (): Promise<Connection> => connectPglite(await createPglite({}))

export async function openTestPostgres(server: string): Promise<Connection & { url: string }> {
  return overTcp(await createMigratedDatabase(server))
}

async function overTcp({ url, drop }: CreatedDatabase): Promise<Connection & { url: string }> {
  const connection = await openPostgres({ url })
  return { ...connection, url, close: () => connection.close().then(drop) }
}

/** Neon's driver speaks PostgreSQL through a WebSocket; this stands where Neon's own proxy would. */
async function openThroughWebSocket({ url, drop }: CreatedDatabase): Promise<Connection> {
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
  const connection = await openNeon({ url, wsProxy })
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
