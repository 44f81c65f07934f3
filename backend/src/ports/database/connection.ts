import type { Prisma, PrismaClient } from './generated/client.ts'
import type { ConstructorOptions } from 'pg-boss'

/** SQL with `$1` parameters. Objects are not serialised for you: pass JSON as text and cast it. */
export interface Sql {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>
}

/** The database as one of its roles may see it. Each statement is a transaction of its own. */
export interface Scope extends Sql {
  /**
   * The same for the few statements of the hot path: PostgreSQL keeps them parsed under `name`, which halves what a
   * short one costs. One text a name. Falls back to `query` where a pooler does not keep statements.
   */
  prepared<Row = Record<string, unknown>>(name: string, text: string, params: readonly unknown[]): Promise<Row[]>
  /**
   * All or nothing. Inside, use only `tx`: the embedded database has one connection, and a query beside the open
   * transaction waits for its end. No model or network calls inside.
   */
  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result>
  /** What Prisma says well. */
  prisma<Result>(operation: (prisma: PrismaClient) => Prisma.PrismaPromise<Result>): Promise<Result>
}

/** All that repositories see of the database. */
export interface Scopes {
  readonly adapter: 'pglite' | 'postgres' | 'neon'
  /**
   * The rows of one workspace, as the role `nitro_app`: row-level security hides all others, and refuses to write into
   * them, whatever a statement forgot to say.
   */
  tenant(of: { workspaceId: string }): Scope
  /**
   * Every workspace's rows, as the role `nitro_system`: for finding out who somebody is, and for the sweeps that ask in
   * which workspace there is something to do. `backend/test/tenancy.test.ts` lists who uses it.
   */
  readonly system: Scope
  /**
   * All that `work` asks of the scopes is one transaction, whichever repositories it asks: a change, and the entry of the
   * audit log that tells of it. What holds for `transaction` holds here, and there is no Prisma in it. Inside, wait for
   * nothing that others may have begun, such as what is being looked up for a cache.
   */
  together<Result>(work: () => Promise<Result>): Promise<Result>
}

/**
 * An open database, whichever adapter opened it: Prisma for what it says well, SQL for what it cannot (hot paths,
 * vectors, single-statement searches). Its own `query` and `transaction` are of the login role, for migrations, vector
 * indexes, jobs and tests.
 */
export interface Connection extends Scopes, Sql {
  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result>
  /** Runs a script of many statements; used by migrations alone. */
  script(text: string): Promise<void>
  /** How pg-boss reaches the same database. */
  readonly queue: ConstructorOptions
  close(): Promise<void>
}
