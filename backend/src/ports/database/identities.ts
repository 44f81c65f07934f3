import { NitroError } from '@nitroagi/shared/errors'
import type { LinkedIdentity, ProviderName } from '@nitroagi/shared/second-factor'
import { accountsLock } from './accounts.ts'
import type { Scopes, Sql } from './connection.ts'
import { isUniqueViolation } from './failures.ts'
import type { IdentitiesRepository, Identity, MayJoin, VouchedPerson } from './identities-port.ts'

export function createIdentitiesRepository({ system }: Scopes): IdentitiesRepository {
  return {
    async owner(provider, subject) {
      const [row] = await system.query<{ user_id: string; email: string }>(
        `SELECT i.user_id, u.email FROM user_identities i JOIN users u ON u.id = i.user_id
         WHERE i.provider = $1 AND i.subject = $2`,
        [provider, subject],
      )
      return row && { userId: row.user_id, email: row.email }
    },

    link: (userId, identity) => system.transaction((tx) => link(tx, userId, identity)),

    async createAccount(person, may) {
      try {
        return await system.transaction((tx) => createAccount(tx, person, may))
      } catch (cause) {
        if (!isUniqueViolation(cause)) throw cause
        throw new NitroError('email_taken', 'There is already an account with this e-mail address', { cause })
      }
    },

    async list(userId) {
      const rows = await system.query<Row>(
        'SELECT provider, email, created_at FROM user_identities WHERE user_id = $1 ORDER BY created_at, provider',
        [userId],
      )
      return rows.map(toLinked)
    },

    unlink: (userId, provider) => system.transaction((tx) => unlink(tx, userId, provider)),
  }
}

/** So that two changes of somebody's ways in do not pass each other by. */
const lockPerson = (tx: Sql, userId: string) =>
  tx.query<{ has_password: boolean }>(
    'SELECT password_hash IS NOT NULL AS has_password FROM users WHERE id = $1 FOR UPDATE',
    [userId],
  )

async function link(tx: Sql, userId: string, { provider, subject, email }: Identity) {
  await lockPerson(tx, userId)
  const others = await tx.query('SELECT FROM user_identities WHERE user_id = $1 AND provider = $2 AND subject <> $3', [
    userId,
    provider,
    subject,
  ])
  if (others.length > 0) return 'other'
  await tx.query(
    'INSERT INTO user_identities (provider, subject, user_id, email) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [provider, subject, userId, email],
  )
  const mine = await tx.query('SELECT FROM user_identities WHERE provider = $1 AND subject = $2 AND user_id = $3', [
    provider,
    subject,
    userId,
  ])
  return mine.length > 0 ? 'linked' : 'taken'
}

async function createAccount(tx: Sql, { provider, subject, email, name }: VouchedPerson, may: MayJoin) {
  await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [accountsLock])
  if ((await tx.query('SELECT FROM users WHERE email = $1', [email])).length > 0) {
    throw new NitroError('email_taken', 'There is already an account with this e-mail address')
  }
  const invitation = await openInvitation(tx, email)
  if (!invitation && may === 'invited') return false
  if (!invitation && may === 'first-owner' && (await tx.query('SELECT FROM users LIMIT 1')).length > 0) return false

  const [user] = await tx.query<{ id: string }>(
    'INSERT INTO users (email, name, email_verified_at) VALUES ($1, $2, now()) RETURNING id',
    [email, name || null],
  )
  const place = invitation ?? {
    workspaceId: await newWorkspace(tx, `${name || email.split('@')[0]}’s workspace`),
    role: 'owner',
  }
  await tx.query('INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, $3)', [
    place.workspaceId,
    user!.id,
    place.role,
  ])
  if (invitation) {
    await tx.query('UPDATE invitations SET accepted_at = now(), accepted_by = $3 WHERE workspace_id = $1 AND id = $2', [
      invitation.workspaceId,
      invitation.id,
      user!.id,
    ])
  }
  await tx.query('INSERT INTO user_identities (provider, subject, user_id, email) VALUES ($1, $2, $3, $4)', [
    provider,
    subject,
    user!.id,
    email,
  ])
  return true
}

/** Whoever made it must still be one who may invite. */
async function openInvitation(tx: Sql, email: string) {
  const [row] = await tx.query<{ id: string; workspace_id: string; role: string }>(
    `SELECT i.id, i.workspace_id, i.role FROM invitations i
     JOIN memberships m ON m.workspace_id = i.workspace_id AND m.user_id = i.invited_by
     JOIN users u ON u.id = m.user_id
     JOIN workspaces w ON w.id = i.workspace_id AND w.deleted_at IS NULL
     WHERE i.email = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
       AND m.role IN ('owner', 'admin') AND u.suspended_at IS NULL AND m.suspended_at IS NULL
     ORDER BY i.created_at DESC, i.id LIMIT 1 FOR UPDATE OF i`,
    [email],
  )
  return row && { id: row.id, workspaceId: row.workspace_id, role: row.role }
}

async function newWorkspace(tx: Sql, name: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>('INSERT INTO workspaces (name) VALUES ($1) RETURNING id', [name])
  return row!.id
}

async function unlink(tx: Sql, userId: string, provider: ProviderName) {
  const [person] = await lockPerson(tx, userId)
  const rows = await tx.query<{ provider: string }>('SELECT provider FROM user_identities WHERE user_id = $1', [userId])
  if (!rows.some((row) => row.provider === provider)) return 'missing'
  if (!person?.has_password && rows.every((row) => row.provider === provider)) return 'last'
  await tx.query('DELETE FROM user_identities WHERE user_id = $1 AND provider = $2', [userId, provider])
  return 'removed'
}

interface Row {
  provider: ProviderName
  email: string | null
  created_at: Date
}

const toLinked = (row: Row): LinkedIdentity => ({
  provider: row.provider,
  email: row.email,
  linkedAt: new Date(row.created_at).toISOString(),
})
