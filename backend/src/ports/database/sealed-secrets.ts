import type { Scopes } from './connection.ts'
import type { SealedSecretsRepository } from './sealed-secrets-port.ts'

interface Place {
  table: string
  column: string
  /** A UUID that names the row. */
  row: string
  /** Where the table is of workspaces. */
  workspace: string | null
}

/** A table that begins to hold sealed secrets gets its line here; a test looks for such columns in the code. */
const places: readonly Place[] = [{ table: 'second_factors', column: 'secret', row: 'user_id', workspace: null }]

export function createSealedSecretsRepository({ system }: Scopes): SealedSecretsRepository {
  const find = (table: string): Place => {
    const place = places.find((one) => one.table === table)
    if (!place) throw new Error(`No sealed secrets are stored in ${table}`)
    return place
  }

  return {
    tables: places.map(({ table }) => table),

    countByKey() {
      const each = places.map(({ table, column }) => `SELECT split_part(${column}, '.', 2) AS key FROM ${table}`)
      return system.query<{ keyId: string; count: number }>(
        `SELECT key AS "keyId", count(*)::int AS count FROM (${each.join(' UNION ALL ')}) AS sealed GROUP BY key ORDER BY key`,
      )
    },

    async outdated(table, keyId, after, limit) {
      const { column, row, workspace } = find(table)
      const rows = await system.query<{ row: string; workspace: string | null; sealed: string }>(
        `SELECT ${row}::text AS row, ${workspace ?? 'NULL'}::text AS workspace, ${column} AS sealed FROM ${table}
         WHERE split_part(${column}, '.', 2) <> $1 AND ($2::uuid IS NULL OR ${row} > $2) ORDER BY ${table}.${row} LIMIT $3`,
        [keyId, after ?? null, limit],
      )
      return rows.map((found) => ({
        place: { workspaceId: found.workspace, table, row: found.row, column },
        sealed: found.sealed,
      }))
    },

    async replace(table, changes) {
      const { column, row } = find(table)
      const rows = await system.query(
        `UPDATE ${table} AS t SET ${column} = c.by
         FROM unnest($1::uuid[], $2::text[], $3::text[]) AS c (id, was, by) WHERE t.${row} = c.id AND t.${column} = c.was
         RETURNING 1`,
        [
          changes.map(({ secret }) => secret.place.row),
          changes.map(({ secret }) => secret.sealed),
          changes.map(({ by }) => by),
        ],
      )
      return rows.length
    },
  }
}
