import type { Invitation, InvitedRole } from '@nitroagi/shared/workspaces'
import { insertUser } from './accounts.ts'
import type { Scopes, Sql } from './connection.ts'
import type { InvitationsRepository, Joined } from './invitations-port.ts'

export function createInvitationsRepository({ system, tenant }: Scopes): InvitationsRepository {
  return {
    create: ({ actor }, { email, role, days, secretHash, mailedHash, openAtMost }) =>
      tenant(actor).transaction(async (tx) => {
        const scope = [actor.workspaceId, email ?? null]
        const members = await tx.query(
          `SELECT FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 AND u.email = $2`,
          scope,
        )
        if (members.length > 0) return 'member'
        await tx.query(
          `UPDATE invitations SET revoked_at = now()
           WHERE workspace_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL`,
          scope,
        )
        const [row] = await tx.query<{ id: string }>(
          `INSERT INTO invitations (workspace_id, email, role, invited_by, secret_hash, mailed_hash, expires_at)
           SELECT $1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)
           WHERE (SELECT count(*) FROM invitations i WHERE i.workspace_id = $1 AND ${isWaiting('i')}) < $8 RETURNING id`,
          [...scope, role, actor.userId, secretHash, mailedHash ?? null, days, openAtMost],
        )
        return row ? (await openOnes(tx, actor.workspaceId, row.id))[0]! : 'full'
      }),

    list: ({ actor }) => openOnes(tenant(actor), actor.workspaceId),

    async revoke({ actor }, id) {
      const rows = await tenant(actor).query(
        `UPDATE invitations i SET revoked_at = now() WHERE i.workspace_id = $1 AND i.id = $2 AND ${isWaiting('i')} RETURNING 1`,
        [actor.workspaceId, id],
      )
      return rows.length > 0
    },

    async find(secretHash) {
      const [row] = await system.query<OpenRow>(openBySecret, [secretHash])
      return (
        row && {
          workspaceName: row.workspace_name,
          invitedBy: row.invited_by,
          email: row.email,
          role: row.role,
          expiresAt: new Date(row.expires_at).toISOString(),
        }
      )
    },

    accept: (secretHash, userId) =>
      system.transaction(async (tx) => {
        const invitation = await locked(tx, secretHash)
        if (!invitation) return 'closed'
        const [user] = await tx.query<{ email: string }>('SELECT email FROM users WHERE id = $1', [userId])
        if (invitation.email !== null && invitation.email !== user?.email) return 'other-address'
        return (await join(tx, invitation, userId)) ?? 'member'
      }),

    acceptNamed: (userId) =>
      system.transaction(async (tx) => {
        const [invitation] = await tx.query<OpenRow>(
          `${openOf} AND i.email = (SELECT email FROM users WHERE id = $2 AND email_verified_at IS NOT NULL)
             AND NOT EXISTS (SELECT FROM memberships o WHERE o.workspace_id = i.workspace_id AND o.user_id = $2)
           ORDER BY i.created_at DESC, i.id LIMIT 1 FOR UPDATE OF i`,
          ['', userId],
        )
        return invitation && join(tx, invitation, userId)
      }),

    signUp: (secretHash, account) =>
      system.transaction(async (tx) => {
        const invitation = await locked(tx, secretHash)
        if (!invitation) return 'closed'
        if (invitation.email !== null && invitation.email !== account.email) return 'other-address'
        const userId = await insertUser(tx, account)
        return { userId, ...(await join(tx, invitation, userId))! }
      }),
  }
}

/** Undefined when they are in already; the invitation is still good then. */
async function join(tx: Sql, invitation: OpenRow, userId: string): Promise<Joined | undefined> {
  const { id, workspace_id: workspaceId, workspace_name: workspaceName, role } = invitation
  const added = await tx.query(
    'INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
    [workspaceId, userId, role],
  )
  if (added.length === 0) return undefined
  await tx.query('UPDATE invitations SET accepted_at = now(), accepted_by = $3 WHERE workspace_id = $1 AND id = $2', [
    workspaceId,
    id,
    userId,
  ])
  // Whoever invites sees the other link; this one was in a letter to that address.
  if (invitation.email !== null && invitation.came_by_mail) {
    await tx.query('UPDATE users SET email_verified_at = coalesce(email_verified_at, now()) WHERE id = $1', [userId])
  }
  return { workspaceId, workspaceName, role, invitationId: id }
}

const locked = async (tx: Sql, secretHash: string): Promise<OpenRow | undefined> =>
  (await tx.query<OpenRow>(`${openBySecret} FOR UPDATE OF i`, [secretHash]))[0]

const isWaiting = (alias: string) =>
  `${alias}.accepted_at IS NULL AND ${alias}.revoked_at IS NULL AND ${alias}.expires_at > now()`

/** Whoever made it must still be one who may invite, and into anything but an owner's place both of these may. */
const openInvitations = `
  FROM invitations i
  JOIN workspaces w ON w.id = i.workspace_id AND w.deleted_at IS NULL
  JOIN memberships m ON m.workspace_id = i.workspace_id AND m.user_id = i.invited_by
    AND m.role IN ('owner', 'admin') AND m.suspended_at IS NULL
  JOIN users u ON u.id = i.invited_by AND u.suspended_at IS NULL
  WHERE ${isWaiting('i')}`

const openOf = `
  SELECT i.workspace_id, i.id, w.name AS workspace_name, coalesce(u.name, u.email) AS invited_by, i.email, i.role, i.expires_at,
    i.mailed_hash = $1 AS came_by_mail
  ${openInvitations}`

const openBySecret = `${openOf} AND (i.secret_hash = $1 OR i.mailed_hash = $1)`

interface OpenRow {
  workspace_id: string
  id: string
  workspace_name: string
  invited_by: string
  email: string | null
  role: InvitedRole
  expires_at: Date
  came_by_mail: boolean | null
}

async function openOnes(sql: Sql, workspaceId: string, id: string | null = null): Promise<Invitation[]> {
  const rows = await sql.query<Omit<OpenRow, 'workspace_id' | 'workspace_name'> & { created_at: Date }>(
    `SELECT i.id, i.email, i.role, coalesce(u.name, u.email) AS invited_by, i.created_at, i.expires_at
     ${openInvitations} AND i.workspace_id = $1 AND ($2::uuid IS NULL OR i.id = $2) ORDER BY i.created_at DESC, i.id`,
    [workspaceId, id],
  )
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by,
    createdAt: new Date(row.created_at).toISOString(),
    expiresAt: new Date(row.expires_at).toISOString(),
  }))
}
