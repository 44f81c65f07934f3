import type { Scopes } from './connection.ts'
import type { SessionsRepository, StoredSession } from './sessions-port.ts'

/** That a session, called `s`, can be used: nobody ended it, and it is neither too old nor was it left alone too long. */
export const isLive = 's.revoked_at IS NULL AND least(s.expires_at, s.idle_until) > now()'

export function createSessionsRepository({ system }: Scopes): SessionsRepository {
  return {
    async begin({ userId, seconds, idleSeconds = seconds, address, userAgent }) {
      const [row] = await system.query<{ id: string }>(
        `WITH gone AS (
           DELETE FROM sessions WHERE least(revoked_at, expires_at, idle_until) < now() - interval '1 day')
         INSERT INTO sessions (user_id, address, user_agent, expires_at, idle_until)
         VALUES ($1, $2, $3, now() + make_interval(secs => $4), now() + make_interval(secs => $5)) RETURNING id`,
        [userId, address ?? null, userAgent ?? null, seconds, idleSeconds],
      )
      return row!.id
    },

    async list(userId) {
      const rows = await system.query<Row>(
        `SELECT s.id, s.address, s.user_agent, s.created_at, s.last_seen_at,
           least(s.expires_at, s.idle_until) AS expires_at
         FROM sessions s WHERE s.user_id = $1 AND ${isLive} ORDER BY s.last_seen_at DESC, s.id`,
        [userId],
      )
      return rows.map(toSession)
    },

    async seen(id, idleSeconds) {
      await system.query(
        `UPDATE sessions s SET last_seen_at = now(), idle_until = now() + make_interval(secs => $2)
         WHERE s.id = $1 AND ${isLive} AND s.last_seen_at < now() - interval '5 minutes'`,
        [id, idleSeconds],
      )
    },

    async prove(id) {
      await system.query('UPDATE sessions SET proven_at = now() WHERE id = $1', [id])
    },

    endBeyond: (userId, atMost) =>
      system.transaction(async (tx) => {
        // Those who begin at the same time would not count each other.
        await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('sessions:' || $1, 0))`, [userId])
        const rows = await tx.query<{ id: string }>(
          `UPDATE sessions SET revoked_at = now() WHERE id IN (
             SELECT s.id FROM sessions s WHERE s.user_id = $1 AND ${isLive}
             ORDER BY s.last_seen_at DESC, s.created_at DESC, s.id OFFSET $2) RETURNING id`,
          [userId, atMost],
        )
        return rows.map(({ id }) => id)
      }),

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
