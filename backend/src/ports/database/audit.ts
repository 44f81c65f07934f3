import { createHash } from 'node:crypto'
import type { AuditEntry, AuditExportLine } from '@nitroagi/shared/audit'
import { auditBeginning, auditText, type AuditHead } from '@nitroagi/shared/audit-chain'
import type { AuditRepository } from './audit-port.ts'
import type { Scopes, Sql } from './connection.ts'

export function createAuditRepository({ tenant, system, together }: Scopes): AuditRepository {
  return {
    together,
    append: (workspaceId, entry) =>
      tenant({ workspaceId }).transaction(async (tx) => {
        // Held to the end of the transaction. The next statement sees what whoever held it before has written.
        const lock = tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`audit ${workspaceId}`])
        const [{ sequence, hash: previousHash, at }] = await Promise.all([newest(tx, workspaceId), lock])
        const link = { ...entry, workspaceId, sequence: sequence + 1, at, previousHash }
        await tx.query(
          `INSERT INTO audit_entries (workspace_id, sequence, at, actor_id, via, action, target_id, facts, request_id, previous_hash, hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11)`,
          [
            workspaceId,
            link.sequence,
            at,
            entry.actorId,
            entry.via,
            entry.action,
            entry.targetId,
            JSON.stringify(entry.facts),
            entry.requestId,
            previousHash,
            hashOf(auditText(link)),
          ],
        )
      }),

    async list(workspaceId, { action, actorId, from, until, cursor, limit }) {
      const rows = await tenant({ workspaceId }).query<Row>(
        `SELECT ${columns} FROM audit_entries a LEFT JOIN users u ON u.id = a.actor_id
         WHERE a.workspace_id = $1
           AND ($2::text IS NULL OR a.action = $2 OR starts_with(a.action, $2 || '.'))
           AND ($3::uuid IS NULL OR a.actor_id = $3)
           AND ($4::timestamptz IS NULL OR a.at >= $4) AND ($5::timestamptz IS NULL OR a.at < $5)
           AND a.sequence < $6
         ORDER BY a.sequence DESC LIMIT $7`,
        [workspaceId, action ?? null, actorId ?? null, from ?? null, until ?? null, before(cursor), limit + 1],
      )
      const items = rows.slice(0, limit).map(toEntry)
      return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.sequence) : null }
    },

    async chain(workspaceId, after, limit) {
      const rows = await tenant({ workspaceId }).query<Row>(
        `SELECT ${columns} FROM audit_entries a LEFT JOIN users u ON u.id = a.actor_id
         WHERE a.workspace_id = $1 AND a.sequence > $2 ORDER BY a.sequence LIMIT $3`,
        [workspaceId, after, limit],
      )
      return rows.map((row): AuditExportLine => ({
        ...toEntry(row),
        workspaceId: row.workspace_id,
        previousHash: row.previous_hash,
      }))
    },

    async head(workspaceId) {
      const [row] = await tenant({ workspaceId }).query<AuditHead>(
        'SELECT sequence, hash FROM audit_heads WHERE workspace_id = $1',
        [workspaceId],
      )
      return row
    },

    async person(who) {
      const [row] = await system.query<{ id: string; workspaces: string[] }>(
        `SELECT u.id, coalesce(json_agg(m.workspace_id ORDER BY m.workspace_id) FILTER (WHERE m.workspace_id IS NOT NULL), '[]') AS workspaces
         FROM users u LEFT JOIN memberships m ON m.user_id = u.id
         WHERE ${'userId' in who ? 'u.id = $1' : 'u.email = $1'} GROUP BY u.id`,
        ['userId' in who ? who.userId : who.email],
      )
      return row && { userId: row.id, workspaceIds: row.workspaces }
    },
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The clock is read after the lock was taken, so that the times go up as the numbers do. */
async function newest(tx: Sql, workspaceId: string): Promise<{ sequence: number; hash: string; at: string }> {
  const [row] = await tx.query<{ sequence: number | null; hash: string | null; at: Date }>(
    `SELECT a.sequence, a.hash, date_trunc('milliseconds', clock_timestamp()) AS at FROM (SELECT) AS one
     LEFT JOIN LATERAL (
       SELECT sequence, hash FROM audit_entries WHERE workspace_id = $1 ORDER BY sequence DESC LIMIT 1) a ON true`,
    [workspaceId],
  )
  return { sequence: row?.sequence ?? 0, hash: row?.hash ?? auditBeginning, at: new Date(row!.at).toISOString() }
}

const largest = 2_147_483_647

const before = (cursor: string | undefined): number =>
  cursor !== undefined && /^\d{1,9}$/.test(cursor) ? Number(cursor) : largest

const columns = `a.workspace_id, a.sequence, a.at, a.actor_id, coalesce(u.name, u.email) AS actor_name, a.via, a.action,
  a.target_id, a.facts, a.request_id, a.previous_hash, a.hash`

interface Row {
  workspace_id: string
  sequence: number
  at: Date
  actor_id: string | null
  actor_name: string | null
  via: string
  action: string
  target_id: string | null
  facts: AuditEntry['facts']
  request_id: string | null
  previous_hash: string
  hash: string
}

const toEntry = (row: Row): AuditEntry => ({
  sequence: row.sequence,
  at: row.at.toISOString(),
  actorId: row.actor_id,
  actorName: row.actor_name,
  via: row.via,
  action: row.action,
  targetId: row.target_id,
  facts: row.facts,
  requestId: row.request_id,
  hash: row.hash,
})
