import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './connection.ts'

const folder = join(import.meta.dirname, '../../../prisma/migrations')

/** One lock for all processes that share the database: the bytes of "nitro" as a number. */
const lockKey = 474_148_500_079

export interface MigrationStatus {
  adapter: Connection['adapter']
  applied: { name: string; appliedAt: string }[]
  pending: string[]
  /** Sentences; not empty means that nothing may be applied until somebody looked. */
  problems: string[]
}

interface Migration {
  name: string
  sql: string
  checksum: string
}

/** What is applied, what waits, and what does not fit together. Reads only. */
export async function migrationStatus(
  connection: Connection,
  migrations = readMigrations(folder),
): Promise<MigrationStatus> {
  const [table] = await connection.query<{ present: string | null }>(
    `SELECT to_regclass('_prisma_migrations')::text AS present`,
  )
  const rows = table?.present
    ? await connection.query<{ migration_name: string; checksum: string; finished_at: Date }>(
        `SELECT migration_name, checksum, finished_at FROM _prisma_migrations
         WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
      )
    : []
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  const applied = new Set(rows.map((row) => row.migration_name))
  const pending = migrations.filter((migration) => !applied.has(migration.name)).map((migration) => migration.name)
  const newest = rows.at(-1)?.migration_name
  return {
    adapter: connection.adapter,
    applied: rows.map((row) => ({ name: row.migration_name, appliedAt: new Date(row.finished_at).toISOString() })),
    pending,
    problems: [
      ...rows
        .filter((row) => known.has(row.migration_name) && known.get(row.migration_name)?.checksum !== row.checksum)
        .map(
          (row) =>
            `Migration ${row.migration_name} was changed after it had been applied. Restore the file as it was and add a new migration.`,
        ),
      ...rows
        .filter((row) => !known.has(row.migration_name))
        .map(
          (row) =>
            `The database has migration ${row.migration_name}, which this version does not know. Start the newer version.`,
        ),
      ...pending
        .filter((name) => newest !== undefined && name < newest)
        .map((name) => `Migration ${name} is older than ${newest}, which is applied already. Give it a later number.`),
    ],
  }
}

/**
 * Applies what waits, each migration in a transaction of its own, under a lock that lets one process work and the others
 * wait. With nothing to apply, a login that may only read is enough. Rows have the shape of Prisma's `_prisma_migrations`.
 * Throws when the status has problems.
 */
export async function migrate(connection: Connection, migrations = readMigrations(folder)): Promise<string[]> {
  const before = await migrationStatus(connection, migrations)
  if (before.pending.length === 0 && before.problems.length === 0) return []
  await connection.script(
    `CREATE TABLE IF NOT EXISTS _prisma_migrations (
       id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
       migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
       started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`,
  )
  const done: string[] = []
  for (const migration of migrations) {
    if (await applyOne(connection, migration, migrations)) done.push(migration.name)
  }
  const { problems } = await migrationStatus(connection, migrations)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return done
}

function applyOne(connection: Connection, migration: Migration, all: Migration[]): Promise<boolean> {
  return connection.transaction(async (tx) => {
    // Held to the end of the transaction, so it works through a pooler that keeps no session.
    await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [lockKey])
    const { problems, pending } = await migrationStatus({ ...connection, query: tx.query }, all)
    if (problems.length > 0) throw new Error(problems.join('\n'))
    if (!pending.includes(migration.name)) return false
    await runStatements(tx.query, migration.sql)
    await tx.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    return true
  })
}

/** The drivers' extended protocol takes one statement at a time; DO hands the script to the server whole. */
async function runStatements(query: Connection['query'], sql: string): Promise<void> {
  await query(`DO $migrate$ BEGIN EXECUTE ${quote(sql)}; END $migrate$`)
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`

export function readMigrations(path: string): Migration[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(path, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}
