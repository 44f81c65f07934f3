import { neonConfig, Pool } from '@neondatabase/serverless'
import { PrismaNeon } from '@prisma/adapter-neon'
import type pg from 'pg'
import { WebSocket } from 'ws'
import type { Connection } from './connection.ts'
import { PrismaClient } from './generated/client.ts'
import { openPool, type PoolOptions } from './pool.ts'

/**
 * Neon's own driver: PostgreSQL over WebSockets, which survives networks that block 5432. `wsProxy` is for tests, where
 * a local proxy stands in for Neon's.
 */
export async function openNeon(
  options: PoolOptions & { wsProxy?: (host: string, port: number | string) => string },
): Promise<Connection> {
  neonConfig.webSocketConstructor = WebSocket
  if (options.wsProxy) {
    neonConfig.wsProxy = options.wsProxy
    neonConfig.useSecureWebSocket = false
    neonConfig.pipelineConnect = false
    neonConfig.pipelineTLS = false
  }
  const pool = new Pool({ connectionString: options.url, max: options.poolSize ?? 10, connectionTimeoutMillis: 10_000 })
  // Prisma's Neon adapter opens a pool of its own; a small one, because the hot paths go through ours.
  const prisma = new PrismaClient({ adapter: new PrismaNeon({ connectionString: options.url, max: 4 }) })
  // Same shape and behaviour as node-postgres; only its types carry fields of a TCP client.
  return openPool('neon', pool as unknown as pg.Pool, prisma, options)
}
