import type { Scopes } from './connection.ts'
import type { SessionsRepository, StoredSession } from './sessions-port.ts'

export function createSessionsRepository({ system }: Scopes): SessionsRepository {
  return {
    async begin({ userId, seconds, address, userAgent }) {
      const [row] = await system.query<{ id: string }>(
        `WITH gone AS (
           DELETE FROM sessions WHERE least(revoked_at, expires_at) < now() - interval '1 day')
         INSERT INTO sessions (user_id, address, user_agent, expires_at)
         VALUES ($1, $2, $3, now() + make_interval(secs => $4)) RETURNING id`,
        [userId, address ?? null, userAgent ?? null, seconds],
      )
      return row!.id
    },

    async list(userId) {
      const rows = await system.query<Row>(
        `SELECT id, address, user_agent, created_at, last_seen_at, expires_at FROM sessions
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() ORDER BY last_seen_at DESC, id`,
        [userId],
      )
      return rows.map(toSession)
    },

    async seen(id) {
      await system.query(
        `UPDATE sessions SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - interval '1 minute'`,
        [id],
      )
    },

    async revoke(userId, id) {
      const rows = await system.query(
        `UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id`,
        [userId, id],
      )
      return rows.length > 0
    },

    async revokeAll(userId, except) {
      const rows = await system.query(
        `UPDATE sessions SET revoked_at = now()
         WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid AND revoked_at IS NULL RETURNING id`,
        [userId, except ?? null],
      )
      return rows.length
    },
  }
}

interface Row {
  id: string
  address: string | null
  user_agent: string | null
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}

const toSession = (row: Row): StoredSession => ({
  id: row.id,
  address: row.address,
  userAgent: row.user_agent,
  createdAt: row.created_at.toISOString(),
  lastSeenAt: row.last_seen_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
})
