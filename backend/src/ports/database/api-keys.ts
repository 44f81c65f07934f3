import type { ApiKey, Role, Scope, Tier } from '@nitroagi/shared/identity'
import type { ActiveApiKey, ApiKeysRepository } from './api-keys-port.ts'
import { needsSecondFactor } from './accounts.ts'
import type { Scopes } from './connection.ts'

export function createApiKeysRepository(connection: Scopes): ApiKeysRepository {
  // Asked while nobody is known yet, whose key it is being the answer.
  async function activeKey(condition: string, values: string[]): Promise<ActiveApiKey | undefined> {
    const [row] = await connection.system.query<ActiveRow>(
      `SELECT k.id, k.user_id, k.workspace_id, m.role, k.scopes, k.tier, k.expires_at,
         coalesce(u.suspended_at, m.suspended_at) IS NOT NULL AS suspended, ${needsSecondFactor} AS needs_second_factor
       FROM api_keys k
       JOIN memberships m ON m.workspace_id = k.workspace_id AND m.user_id = k.user_id
       JOIN users u ON u.id = k.user_id
       JOIN workspaces w ON w.id = k.workspace_id AND w.deleted_at IS NULL
       WHERE ${condition} AND k.revoked_at IS NULL`,
      values,
    )
    return (
      row && {
        id: row.id,
        userId: row.user_id,
        workspaceId: row.workspace_id,
        role: row.role,
        scopes: row.scopes,
        tier: row.tier,
        expiresAt: row.expires_at && new Date(row.expires_at),
        suspended: row.suspended,
        needsSecondFactor: row.needs_second_factor,
      }
    )
  }

  return {
    active: (secretHash) => activeKey('k.secret_hash = $1', [secretHash]),
    activeById: (workspaceId, id) => activeKey('k.workspace_id = $1 AND k.id = $2', [workspaceId, id]),
    async touch(workspaceId, id) {
      await connection.tenant({ workspaceId }).query(
        `UPDATE api_keys SET last_used_at = now()
         WHERE workspace_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
        [workspaceId, id],
      )
    },
    async list({ actor }) {
      const rows = await connection.tenant(actor).query<Row>(
        `SELECT ${columns} FROM api_keys
         WHERE workspace_id = $1 AND user_id = $2 AND revoked_at IS NULL ORDER BY created_at DESC, id`,
        [actor.workspaceId, actor.userId],
      )
      return rows.map(toApiKey)
    },
    async create(owner, key) {
      const [row] = await connection.tenant(owner).query<Row>(
        `INSERT INTO api_keys (workspace_id, user_id, name, prefix, secret_hash, scopes, tier, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${columns}`,
        [
          owner.workspaceId,
          owner.userId,
          key.name,
          key.prefix,
          key.secretHash,
          key.scopes,
          key.tier,
          key.expiresAt ?? null,
        ],
      )
      return toApiKey(row!)
    },
    async named({ id, prefix }) {
      const rows = await connection.system.query<{ id: string; workspace_id: string }>(
        `SELECT id, workspace_id FROM api_keys
         WHERE (id = $1 OR prefix = $2) AND revoked_at IS NULL ORDER BY created_at LIMIT 2`,
        [id ?? null, prefix ?? null],
      )
      return rows.map((row) => ({ id: row.id, workspaceId: row.workspace_id }))
    },
    async setTier({ id, workspaceId }, tier) {
      const [row] = await connection
        .tenant({ workspaceId })
        .query<Row>(
          `UPDATE api_keys SET tier = $3 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING ${columns}`,
          [workspaceId, id, tier],
        )
      return row && toApiKey(row)
    },
    async revoke({ actor }, id) {
      const rows = await connection.tenant(actor).query(
        `UPDATE api_keys SET revoked_at = now()
         WHERE workspace_id = $1 AND user_id = $2 AND id = $3 AND revoked_at IS NULL RETURNING id`,
        [actor.workspaceId, actor.userId, id],
      )
      return rows.length > 0
    },
  }
}

interface ActiveRow {
  id: string
  user_id: string
  workspace_id: string
  role: Role
  scopes: Scope[]
  tier: Tier
  expires_at: Date | null
  suspended: boolean
  needs_second_factor: boolean
}

interface Row {
  id: string
  name: string
  prefix: string
  scopes: Scope[]
  tier: Tier
  created_at: Date
  expires_at: Date | null
  last_used_at: Date | null
}

const columns = 'id, name, prefix, scopes, tier, created_at, expires_at, last_used_at'

const toApiKey = (row: Row): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes,
  tier: row.tier,
  createdAt: new Date(row.created_at).toISOString(),
  expiresAt: iso(row.expires_at),
  lastUsedAt: iso(row.last_used_at),
})

const iso = (date: Date | null) => date && new Date(date).toISOString()
