import type pg from 'pg'
import type { Connection, Scope, Sql } from './connection.ts'
import { allOrNothing, isStatementLost, translateFailures } from './failures.ts'
import type { PrismaClient } from './generated/client.ts'
import { takeRole, withPrisma, type Role } from './role.ts'
import { shareTransactions } from './together.ts'

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
  let keepsStatements = true

  const transaction = <Result>(begin: string, work: (tx: Sql) => Promise<Result>) =>
    translateFailures(async () => {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        await client.query(begin)
        const result = await allOrNothing(sql(client), work)
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch((failure: Error) => (broken = failure))
        throw error
      } finally {
        client.release(broken)
      }
    })

  const scope = (role: Role): Scope => {
    const begin = `BEGIN; ${takeRole(role)}`

    /**
     * Sent together: node-postgres does not wait for an answer before it sends the next statement (`pipeline`), so the
     * role costs no round trip. Neon's driver waits for each. When the statement fails, the server makes a rollback of the COMMIT.
     */
    const one = <Row>(statement: pg.QueryConfig) =>
      translateFailures(async () => {
        const client = await pool.connect()
        const [begun, done, ended] = await Promise.allSettled([
          client.query(begin),
          client.query(statement),
          client.query('COMMIT'),
        ])
        const failure = [begun, done, ended].find((answer) => answer.status === 'rejected')
        // A connection whose transaction may still be open is not used again.
        client.release(begun.status === 'rejected' || ended.status === 'rejected')
        if (failure) throw failure.reason
        return (done as PromiseFulfilledResult<pg.QueryResult>).value.rows as Row[]
      })
    const query = <Row>(text: string, params: readonly unknown[] = []) => one<Row>({ text, values: [...params] })

    return {
      query,
      async prepared<Row>(name: string, text: string, params: readonly unknown[]): Promise<Row[]> {
        if (!keepsStatements) return query<Row>(text, params)
        try {
          return await one<Row>({ name, text, values: [...params] })
        } catch (error) {
          if (!isStatementLost(error)) throw error
          keepsStatements = false
          return query<Row>(text, params)
        }
      },
      transaction: (work) => transaction(begin, work),
      prisma: (operation) => translateFailures(() => withPrisma(prisma, role, operation)),
    }
  }

  return shareTransactions({
    adapter,
    ...sql(pool),
    tenant: ({ workspaceId }) => scope({ role: 'nitro_app', workspaceId }),
    system: scope({ role: 'nitro_system' }),
    transaction: (work) => transaction('BEGIN', work),
    script: async (text) => void (await pool.query(text)),
    queue: { connectionString: options.url, max: 4 },
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  })
}
