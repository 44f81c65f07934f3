import type { Role } from '@nitroagi/shared/identity'
import type { Scopes, Sql } from './connection.ts'
import type { LeftBehind, MembersRepository, Standings } from './members-port.ts'

export function createMembersRepository(connection: Scopes): MembersRepository {
  const { system } = connection

  return {
    async list({ actor }) {
      const rows = await connection.tenant(actor).query<Row>(
        `SELECT m.user_id, u.email, u.name, m.role, coalesce(u.suspended_at, m.suspended_at) AS suspended_at, m.created_at
         FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.workspace_id = $1 ORDER BY lower(coalesce(u.name, u.email)), u.email`,
        [actor.workspaceId],
      )
      return rows.map((row) => ({
        userId: row.user_id,
        email: row.email,
        name: row.name,
        role: row.role,
        suspendedAt: row.suspended_at && new Date(row.suspended_at).toISOString(),
        joinedAt: new Date(row.created_at).toISOString(),
      }))
    },

    change: ({ actor }, userId, decide) =>
      system.transaction(async (tx) => {
        const { role, suspended } = decide(await lockedStandings(tx, actor, userId))
        await tx.query(
          `UPDATE memberships SET role = coalesce($3, role), suspended_at = CASE
             WHEN $4::boolean IS NULL THEN suspended_at WHEN $4 THEN coalesce(suspended_at, now()) END,
             sessions_from = CASE WHEN $4 = (suspended_at IS NULL) THEN now() ELSE sessions_from END
           WHERE workspace_id = $1 AND user_id = $2`,
          [actor.workspaceId, userId, role ?? null, suspended ?? null],
        )
      }),

    remove: ({ actor }, userId, check) =>
      system.transaction(async (tx) => {
        check(await lockedStandings(tx, actor, userId))
        return takeOut(tx, actor.workspaceId, userId)
      }),
  }
}

/** Two owners who take each other's role away at once come one after the other here. */
export async function lockedStandings(
  tx: Sql,
  actor: { userId: string; workspaceId: string },
  targetId: string,
): Promise<Standings> {
  await tx.query('SELECT id FROM workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE', [
    actor.workspaceId,
  ])
  const rows = await tx.query<{ user_id: string; role: Role; is_suspended: boolean }>(
    `SELECT m.user_id, m.role, coalesce(u.suspended_at, m.suspended_at) IS NOT NULL AS is_suspended
     FROM memberships m JOIN users u ON u.id = m.user_id
     JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL
     WHERE m.workspace_id = $1 AND (m.user_id IN ($2, $3) OR m.role = 'owner')`,
    [actor.workspaceId, actor.userId, targetId],
  )
  const standingOf = (userId: string) => {
    const row = rows.find((one) => one.user_id === userId)
    return row && { role: row.role, isSuspended: row.is_suspended }
  }
  return {
    actor: standingOf(actor.userId),
    target: standingOf(targetId),
    otherOwners: rows.filter((row) => row.role === 'owner' && !row.is_suspended && row.user_id !== targetId).length,
  }
}

/** Ends a membership. Rows that stand for bytes stay until those are gone; see the cleaning of attachments. */
export async function takeOut(tx: Sql, workspaceId: string, userId: string): Promise<LeftBehind> {
  const scope = [workspaceId, userId]
  await handOver(tx, workspaceId, userId)
  await tx.query(
    `UPDATE attachments SET state = 'deleting', conversation_id = NULL, message_id = NULL
     WHERE workspace_id = $1 AND owner_id = $2`,
    scope,
  )
  const conversations = await tx.query<{ id: string }>(
    'SELECT id FROM conversations WHERE workspace_id = $1 AND owner_id = $2',
    scope,
  )
  const runs = await tx.query<{ id: string; active: boolean }>(
    `SELECT id, status IN ('pending', 'running') AS active FROM runs WHERE workspace_id = $1 AND owner_id = $2`,
    scope,
  )
  await tx.query('DELETE FROM memberships WHERE workspace_id = $1 AND user_id = $2', scope)
  await tx.query(
    `DELETE FROM run_events WHERE workspace_id = $1 AND run_id IN (SELECT value::uuid FROM json_array_elements_text($2::json))`,
    [workspaceId, JSON.stringify(runs.map(({ id }) => id))],
  )
  return {
    workspaceId,
    conversationIds: conversations.map(({ id }) => id),
    activeRunIds: runs.filter(({ active }) => active).map(({ id }) => id),
  }
}

/** What a workspace knows outlives whoever brought it: a collection without an owner would be there for nobody. */
const handOver = (tx: Sql, workspaceId: string, userId: string) =>
  tx.query(
    `INSERT INTO collection_members (workspace_id, collection_id, user_id, role)
     SELECT c.workspace_id, c.id, heir.user_id, 'owner' FROM collections c CROSS JOIN (
       SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
       WHERE m.workspace_id = $1 AND m.user_id <> $2 AND m.role = 'owner'
       ORDER BY coalesce(u.suspended_at, m.suspended_at) IS NOT NULL, m.created_at, m.user_id LIMIT 1) heir
     WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND (
       SELECT bool_and(o.user_id = $2) FROM collection_members o
       WHERE o.workspace_id = c.workspace_id AND o.collection_id = c.id AND o.role = 'owner')
     ON CONFLICT (workspace_id, collection_id, user_id) DO UPDATE SET role = 'owner'`,
    [workspaceId, userId],
  )

interface Row {
  user_id: string
  email: string
  name: string | null
  role: Role
  suspended_at: Date | null
  created_at: Date
}
