import type pg from 'pg'
import type { Connection, Sql } from './connection.ts'
import { isStatementLost, translateFailures } from './failures.ts'
import type { PrismaClient } from './generated/client.ts'

export interface PoolOptions {
  url: string
  poolSize?: number
  /** Told of connections that broke while idle; the pool opens new ones by itself. */
  onIdleError?: (error: Error) => void
}

/** What node-postgres and Neon's driver have in common. */
type Pool = Pick<pg.Pool, 'query' | 'connect' | 'end' | 'on'>

export function openPool(
  adapter: 'postgres' | 'neon',
  pool: Pool,
  prisma: PrismaClient,
  options: PoolOptions,
): Connection {
  // Without a listener a cut idle connection ends the process.
  pool.on('error', (error: Error) => options.onIdleError?.(error))
  const sql = (client: Pick<pg.Pool, 'query'>): Sql => ({
    query: <Row>(text: string, params: readonly unknown[] = []) =>
      translateFailures(async () => (await client.query(text, [...params])).rows as Row[]),
  })

  const { query } = sql(pool)
  let keepsStatements = true

  return {
    adapter,
    prisma,
    query,
    async prepared<Row>(name: string, text: string, params: readonly unknown[]): Promise<Row[]> {
      if (!keepsStatements) return query<Row>(text, params)
      try {
        return await translateFailures(
          async () => (await pool.query({ name, text, values: [...params] })).rows as Row[],
        )
      } catch (error) {
        if (!isStatementLost(error)) throw error
        keepsStatements = false
        return query<Row>(text, params)
      }
    },
    transaction: (work) =>
      translateFailures(async () => {
        const client = await pool.connect()
        let broken: Error | undefined
        try {
          await client.query('BEGIN')
          const result = await work(sql(client))
          await client.query('COMMIT')
          return result
        } catch (error) {
          await client.query('ROLLBACK').catch((failure: Error) => (broken = failure))
          throw error
        } finally {
          client.release(broken)
        }
      }),
    script: async (text) => void (await pool.query(text)),
    queue: { connectionString: options.url, max: 4 },
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
