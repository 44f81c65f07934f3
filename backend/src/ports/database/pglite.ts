import { mkdirSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { fromPglite } from 'pg-boss'
import type { Connection, Scope, Sql } from './connection.ts'
import { PrismaClient } from './generated/client.ts'
import { allOrNothing, translateFailures } from './failures.ts'
import { type Lite, openLiteThread } from './pglite-thread.ts'
import { takeRole, withPrisma, type Role } from './role.ts'
import { shareTransactions } from './together.ts'

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

  const scope = (role: Role): Scope => {
    const begin = takeRole(role)
    const transaction = <Result>(work: (tx: Sql) => Promise<Result>) =>
      translateFailures(() =>
        lite.transaction(async (tx) => {
          await tx.exec(begin)
          return allOrNothing(sql(tx), work)
        }),
      )
    const query = <Row>(text: string, params: readonly unknown[] = []) =>
      lite.queryAfter
        ? translateFailures(async () => (await lite.queryAfter!<Row>(begin, text, [...params])).rows)
        : transaction((tx) => tx.query<Row>(text, params))
    return {
      query,
      prepared: <Row>(_name: string, text: string, params: readonly unknown[]) => query<Row>(text, params),
      transaction,
      prisma: (operation) => translateFailures(() => withPrisma(prisma, role, operation)),
    }
  }

  return shareTransactions({
    adapter: 'pglite',
    ...sql(lite),
    tenant: ({ workspaceId }) => scope({ role: 'nitro_app', workspaceId }),
    system: scope({ role: 'nitro_system' }),
    transaction: (work) => translateFailures(() => lite.transaction((tx) => allOrNothing(sql(tx), work))),
    script: async (text) => void (await lite.exec(text)),
    queue: { db: fromPglite(lite), backend: 'pglite' },
    async close() {
      await prisma.$disconnect()
      await lite.close()
    },
  })
}
