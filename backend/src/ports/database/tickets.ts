import type { Role } from '@nitroagi/shared/identity'
import { needsSecondFactor } from './accounts.ts'
import type { Scopes } from './connection.ts'
import { isLive } from './sessions.ts'
import type { TicketsRepository } from './tickets-port.ts'

export function createTicketsRepository(connection: Scopes): TicketsRepository {
  return {
    async create({ actor }, { kind, collectionId, secretHash, seconds }) {
      const [row] = await connection.tenant(actor).query<{ expires_at: Date }>(
        `INSERT INTO tickets (workspace_id, user_id, secret_hash, kind, collection_id, session_id, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 second') RETURNING expires_at`,
        [actor.workspaceId, actor.userId, secretHash, kind, collectionId ?? null, actor.sessionId ?? null, seconds],
      )
      return new Date(row!.expires_at)
    },
    async consume(kind, secretHash) {
      const [row] = await connection.system.query<Row>(
        `WITH used AS (
           DELETE FROM tickets WHERE secret_hash = $1 AND kind = $2 AND expires_at > clock_timestamp() RETURNING *)
         SELECT used.user_id, used.workspace_id, used.collection_id, used.session_id, m.role,
           coalesce(u.suspended_at, m.suspended_at) IS NOT NULL OR ${needsSecondFactor} AS suspended
         FROM used
         JOIN memberships m ON m.workspace_id = used.workspace_id AND m.user_id = used.user_id
         JOIN users u ON u.id = used.user_id
         JOIN workspaces w ON w.id = used.workspace_id AND w.deleted_at IS NULL
         LEFT JOIN sessions s ON s.id = used.session_id
         WHERE used.session_id IS NULL
           OR (${isLive} AND s.created_at >= coalesce(m.sessions_from, s.created_at))`,
        [secretHash, kind],
      )
      return (
        row && {
          userId: row.user_id,
          workspaceId: row.workspace_id,
          role: row.role,
          collectionId: row.collection_id,
          suspended: row.suspended,
          sessionId: row.session_id,
        }
      )
    },
    async sweep() {
      const rows = await connection.system.query('DELETE FROM tickets WHERE expires_at < now() RETURNING 1')
      return rows.length
    },
  }
}

interface Row {
  user_id: string
  workspace_id: string
  collection_id: string | null
  session_id: string | null
  role: Role
  suspended: boolean
}
