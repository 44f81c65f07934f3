import type { Spent } from '@nitroagi/shared/spending'
import type { Scopes } from './connection.ts'
import type { Amount, Refusal, SpendingRepository, Spender, StoredCap } from './spending-port.ts'

/** Reservations that one sweep looks at; the next takes the rest. */
const sweptAtOnce = 1_000

/**
 * Everybody of a workspace passes its one counter, and nobody is to wait for a disk there. Others see the change at once; a
 * server that loses its power may lose the last half second of it.
 */
const unflushed = `set_config('synchronous_commit', 'off', true)`

export function createSpendingRepository(connection: Scopes): SpendingRepository {
  const settleSql = `SELECT ${unflushed}, settle_spending($1, $2, $3, $4, $5, $6, $7)`

  const spent: SpendingRepository['spent'] = async (of, month, kind, subjectId) => {
    const [row] = await connection.tenant(of).query<SpentRow>(
      `SELECT ${spentColumns} FROM spending_months m
       WHERE m.workspace_id = $1 AND m.month = $2 AND m.kind = $3 AND m.subject_id = $4`,
      [of.workspaceId, month, kind, subjectId],
    )
    return toSpent(row)
  }

  return {
    spent,

    async caps(of) {
      const rows = await connection
        .tenant(of)
        .query<CapRow>(
          `SELECT kind, subject_id, usd::float8 AS usd, tokens::float8 AS tokens FROM spending_caps WHERE workspace_id = $1`,
          [of.workspaceId],
        )
      return rows.map(({ kind, subject_id: subjectId, usd, tokens }) => ({ kind, subjectId, usd, tokens }))
    },

    async reserve(spender, { id, month, most, least, leaseSeconds }) {
      const [row] = await connection
        .tenant(spender)
        .query<{ refused: string | null }>(
          `SELECT ${unflushed}, reserve_spending($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS refused`,
          [...namesOf(spender, month), id, ...amountOf(most), ...amountOf(least), leaseSeconds],
        )
      const [whose, unit] = row?.refused?.split(' ') ?? []
      return whose === undefined ? undefined : ({ whose, unit } as Refusal)
    },

    async settle(spender, { id, month }, used) {
      const { workspaceId, userId, keyId } = spender
      const params = [workspaceId, id, month, userId, keyId ?? null, ...amountOf(used)]
      await connection.tenant(spender).query(settleSql, params)
    },

    async count(spender, month, used) {
      await connection
        .tenant(spender)
        .query('SELECT count_spending($1, $2, $3, $4, $5, $6, 0, 0)', [...namesOf(spender, month), ...amountOf(used)])
    },

    async sweep() {
      const expired = await connection.system.query<{ workspace_id: string; id: string }>(
        `SELECT workspace_id, id FROM spending_reservations WHERE expires_at < now() ORDER BY expires_at LIMIT ${sweptAtOnce}`,
      )
      // One at a time: holding several reservations while waiting for a counter, two sweeps could wait for each other.
      for (const { workspace_id: workspaceId, id } of expired) {
        await connection.tenant({ workspaceId }).query(settleSql, [workspaceId, id, null, null, null, null, null])
      }
      return expired.length
    },

    async setCap({ actor }, kind, subjectId, cap) {
      const params = [actor.workspaceId, kind, subjectId]
      const own = connection.tenant(actor)
      const exists = await own.query(
        `SELECT FROM memberships WHERE workspace_id = $1 AND (user_id = $3 OR $2 <> 'user') AND $2 <> 'key'
         UNION ALL
         SELECT FROM api_keys WHERE workspace_id = $1 AND id = $3 AND $2 = 'key' AND revoked_at IS NULL LIMIT 1`,
        params,
      )
      if (exists.length === 0) return false
      if (cap === null || (cap.usd === null && cap.tokens === null && kind !== 'user')) {
        await own.query('DELETE FROM spending_caps WHERE workspace_id = $1 AND kind = $2 AND subject_id = $3', params)
      } else {
        await own.query(
          `INSERT INTO spending_caps (workspace_id, kind, subject_id, usd, tokens) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (workspace_id, kind, subject_id)
           DO UPDATE SET usd = excluded.usd, tokens = excluded.tokens, updated_at = now()`,
          [...params, cap.usd, cap.tokens],
        )
      }
      return true
    },

    async overview({ actor }, month) {
      const own = connection.tenant(actor)
      const params = [actor.workspaceId, month]
      const [workspace, members, keys] = await Promise.all([
        spent(actor, month, 'workspace', actor.workspaceId),
        own.query<SpentRow & { id: string; name: string | null; email: string }>(
          `SELECT u.id, u.name, u.email, ${spentColumns}
           FROM memberships p JOIN users u ON u.id = p.user_id
           LEFT JOIN spending_months m
             ON m.workspace_id = p.workspace_id AND m.month = $2 AND m.kind = 'user' AND m.subject_id = p.user_id
           WHERE p.workspace_id = $1 ORDER BY m.usd DESC NULLS LAST, m.tokens DESC NULLS LAST, u.email`,
          params,
        ),
        own.query<SpentRow & { id: string; name: string; prefix: string }>(
          `SELECT k.id, k.name, k.prefix, ${spentColumns}
           FROM api_keys k
           LEFT JOIN spending_months m
             ON m.workspace_id = k.workspace_id AND m.month = $2 AND m.kind = 'key' AND m.subject_id = k.id
           WHERE k.workspace_id = $1 AND (k.revoked_at IS NULL OR m.subject_id IS NOT NULL)
           ORDER BY m.usd DESC NULLS LAST, m.tokens DESC NULLS LAST, k.created_at, k.id`,
          params,
        ),
      ])
      return {
        workspace,
        members: members.map((row) => ({ userId: row.id, name: row.name, email: row.email, spent: toSpent(row) })),
        keys: keys.map((row) => ({ keyId: row.id, name: row.name, prefix: row.prefix, spent: toSpent(row) })),
      }
    },
  }
}

interface CapRow {
  kind: StoredCap['kind']
  subject_id: string
  usd: number | null
  tokens: number | null
}

interface SpentRow {
  usd: number | null
  tokens: number | null
  reserved_usd: number | null
  reserved_tokens: number | null
}

const spentColumns = `m.usd::float8 AS usd, m.tokens::float8 AS tokens,
  m.reserved_usd::float8 AS reserved_usd, m.reserved_tokens::float8 AS reserved_tokens`

const toSpent = (row: SpentRow | undefined): Spent => ({
  usd: row?.usd ?? 0,
  tokens: row?.tokens ?? 0,
  reservedUsd: row?.reserved_usd ?? 0,
  reservedTokens: row?.reserved_tokens ?? 0,
})

const namesOf = ({ workspaceId, userId, keyId }: Spender, month: string) => [workspaceId, month, userId, keyId ?? null]

/** As text, because a binary fraction of a dollar is not what was meant. */
const amountOf = ({ usd, tokens }: Amount) => [usd.toFixed(9), Math.ceil(tokens)]
