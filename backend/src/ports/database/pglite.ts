import { mkdirSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { fromPglite } from 'pg-boss'
import type { Connection, Sql } from './connection.ts'
import { PrismaClient } from './generated/client.ts'
import { translateFailures } from './failures.ts'
import { type Lite, openLiteThread } from './pglite-thread.ts'

/**
 * PostgreSQL in a thread of this process, its files in `dataDir` (in memory when absent). Nothing in it keeps a second
 * process out of the folder, so the caller holds the data dir's lock.
 */
export async function openPglite({ dataDir }: { dataDir?: string }): Promise<Connection> {
  if (dataDir) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return connectPglite(await openLiteThread({ dataDir }))
}

export function connectPglite(lite: Lite): Connection {
  // It asks for no more of PGlite than that.
  const prisma = new PrismaClient({ adapter: new PrismaPGlite(lite as PGlite) })
  const sql = (client: Pick<Lite, 'query'>): Sql => ({
    query: <Row>(text: string, params: readonly unknown[] = []) =>
      translateFailures(async () => (await client.query<Row>(text, [...params])).rows),
  })

  return {
    adapter: 'pglite',
    prisma,
    ...sql(lite),
    prepared: (_name, text, params) => sql(lite).query(text, params),
    transaction: (work) => translateFailures(() => lite.transaction((tx) => work(sql(tx)))),
    script: async (text) => void (await lite.exec(text)),
    queue: { db: fromPglite(lite), backend: 'pglite' },
    async close() {
      await prisma.$disconnect()
      await lite.close()
    },
  }
}
