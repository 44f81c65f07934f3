import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Connection } from './connection.ts'
import { PrismaClient } from './generated/client.ts'
import { openPool, type PoolOptions } from './pool.ts'

/** Any PostgreSQL with pgvector, over TCP. Prisma and our own SQL share one pool. */
export async function openPostgres(options: PoolOptions): Promise<Connection> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 10_000,
    pipeline: true,
  })
  return openPool('postgres', pool, new PrismaClient({ adapter: new PrismaPg(pool) }), options)
}
