import { NitroError } from '@nitroagi/shared/errors'
import type { Role } from '@nitroagi/shared/identity'
import { accountsLock, hasSecondFactor } from './accounts.ts'
import type { Scopes, Sql } from './connection.ts'
import { lockedStandings, takeOut } from './members.ts'
import type { AccountLeaving, WorkspacesRepository } from './workspaces-port.ts'

export function createWorkspacesRepository({ system, tenant }: Scopes): WorkspacesRepository {
  return {
    async list(userId) {
      const rows = await system.query<Row>(
        `SELECT w.id, w.name, m.role, w.requires_second_factor,
           (SELECT count(*)::int FROM memberships others WHERE others.workspace_id = w.id) AS member_count
         FROM memberships m JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL
         WHERE m.user_id = $1 AND m.suspended_at IS NULL ORDER BY lower(w.name), w.id`,
        [userId],
      )
      return rows.map(({ member_count: memberCount, requires_second_factor: requiresSecondFactor, ...row }) => ({
        ...row,
        memberCount,
        requiresSecondFactor,
      }))
    },

    create: (userId, name, atMost) =>
      system.transaction(async (tx) => {
        const [row] = await tx.query<{ id: string }>(
          `INSERT INTO workspaces (name) SELECT $2 WHERE (SELECT count(*) FROM memberships m
             JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL
             WHERE m.user_id = $1 AND m.role = 'owner') < $3 RETURNING id`,
          [userId, name, atMost],
        )
        if (!row) return undefined
        await tx.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`, [
          row.id,
          userId,
        ])
        return { id: row.id, name, role: 'owner' as const, memberCount: 1, requiresSecondFactor: false }
      }),

    async rename(workspaceId, name) {
      await system.query('UPDATE workspaces SET name = $2 WHERE id = $1', [workspaceId, name])
    },

    async requireSecondFactor(workspaceId, userId, isRequired) {
      // Who asks it of others could otherwise shut themselves out, and be the last to know.
      const rows = await system.query(
        `UPDATE workspaces w SET requires_second_factor = $3 FROM users u
         WHERE w.id = $1 AND u.id = $2 AND ($3 = false OR ${hasSecondFactor}) RETURNING w.id`,
        [workspaceId, userId, isRequired],
      )
      return rows.length > 0
    },

    hide: ({ actor }) =>
      system.transaction(async (tx) => {
        await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [accountsLock])
        const now = await lockedStandings(tx, actor, actor.userId)
        if (now.actor?.role !== 'owner' || now.actor.isSuspended) return 'not-owner' as const
        if ((await oldest(tx)) === actor.workspaceId) return 'first' as const
        await hideAll(tx, [actor.workspaceId])
        return 'hidden' as const
      }),

    leaveAll: (userId) => system.transaction((tx) => leaveAll(tx, userId)),

    async hidden() {
      const rows = await system.query<{ id: string }>(
        'SELECT id FROM workspaces WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1000',
      )
      return rows.map(({ id }) => id)
    },

    async leftBehind(workspaceId) {
      const scope = tenant({ workspaceId })
      const conversations = await scope.query<{ id: string }>('SELECT id FROM conversations WHERE workspace_id = $1', [
        workspaceId,
      ])
      const runs = await scope.query<{ id: string }>(
        `SELECT id FROM runs WHERE workspace_id = $1 AND status IN ('pending', 'running')`,
        [workspaceId],
      )
      return {
        workspaceId,
        conversationIds: conversations.map(({ id }) => id),
        activeRunIds: runs.map(({ id }) => id),
      }
    },

    collections: (workspaceId) =>
      tenant({ workspaceId }).query<{ id: string; ownerId: string }>(
        'SELECT id, owner_id AS "ownerId" FROM collections WHERE workspace_id = $1',
        [workspaceId],
      ),

    async deleteConversations(workspaceId, atMost) {
      const rows = await tenant({ workspaceId }).query(
        `DELETE FROM conversations WHERE workspace_id = $1 AND id IN (
           SELECT id FROM conversations WHERE workspace_id = $1 LIMIT $2) RETURNING 1`,
        [workspaceId, atMost],
      )
      return rows.length
    },

    delete: (workspaceId) =>
      system.transaction(async (tx) => {
        const rows = await tx.query('DELETE FROM workspaces WHERE id = $1 AND deleted_at IS NOT NULL RETURNING 1', [
          workspaceId,
        ])
        // The one table that points at nothing, for the sake of speed.
        if (rows.length > 0) await tx.query('DELETE FROM run_events WHERE workspace_id = $1', [workspaceId])
      }),
  }
}

async function leaveAll(tx: Sql, userId: string): Promise<AccountLeaving> {
  await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [accountsLock])
  const rows = await tx.query<{ id: string; name: string; others: number }>(
    `SELECT w.id, w.name, (SELECT count(*)::int FROM memberships o WHERE o.workspace_id = w.id AND o.user_id <> $1) AS others
     FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
     WHERE m.user_id = $1 AND w.deleted_at IS NULL ORDER BY w.id FOR NO KEY UPDATE OF w`,
    [userId],
  )
  const left = []
  for (const { id, name } of rows.filter(({ others }) => others > 0)) {
    const { target, otherOwners } = await lockedStandings(tx, { userId, workspaceId: id }, userId)
    if (target?.role === 'owner' && otherOwners === 0) {
      throw new NitroError(
        'conflict',
        `You are the only owner of “${name}”. Make somebody else an owner there, or delete it, and try again.`,
      )
    }
    left.push(await takeOut(tx, id, userId))
  }
  const hidden = rows.filter(({ others }) => others === 0).map(({ id }) => id)
  const first = await oldest(tx)
  await hideAll(tx, hidden)
  if (first !== undefined && hidden.includes(first) && (await oldest(tx)) !== undefined) {
    throw new NitroError(
      'conflict',
      'You look after this installation, and others use it. Make somebody an owner of your first workspace, then try again.',
    )
  }
  return { left, hidden }
}

/** Its owners look after the installation. */
export async function oldest(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>(
    'SELECT id FROM workspaces WHERE deleted_at IS NULL ORDER BY created_at, id LIMIT 1',
  )
  return row?.id
}

const hideAll = (tx: Sql, ids: readonly string[]) =>
  tx.query(
    `UPDATE workspaces SET deleted_at = now()
     WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) AND deleted_at IS NULL`,
    [JSON.stringify(ids)],
  )

interface Row {
  id: string
  name: string
  role: Role
  member_count: number
  requires_second_factor: boolean
}
