import type { ConstructorOptions } from 'pg-boss'
import type { PrismaClient } from './generated/client.ts'

/** SQL with `$1` parameters. Objects are not serialised for you: pass JSON as text and cast it. */
export interface Sql {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>
}

/**
 * An open database, whichever adapter opened it: Prisma for what it says well, SQL for what it cannot (hot paths,
 * vectors, single-statement searches). Only this folder sees it.
 */
export interface Connection extends Sql {
  /**
   * The same for the few statements of the hot path: PostgreSQL keeps them parsed under `name`, which halves what a
   * short one costs. One text a name. Falls back to `query` where a pooler does not keep statements.
   */
  prepared<Row = Record<string, unknown>>(name: string, text: string, params: readonly unknown[]): Promise<Row[]>
  readonly adapter: 'pglite' | 'postgres' | 'neon'
  readonly prisma: PrismaClient
  /**
   * All or nothing. Inside, use only `tx`: the embedded database has one connection, and a query beside the open
   * transaction waits for its end. No model or network calls inside.
   */
  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result>
  /** Runs a script of many statements; used by migrations alone. */
  script(text: string): Promise<void>
  /** How pg-boss reaches the same database. */
  readonly queue: ConstructorOptions
  close(): Promise<void>
}
