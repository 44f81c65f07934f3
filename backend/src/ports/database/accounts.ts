import { NitroError } from '@nitroagi/shared/errors'
import type { Role } from '@nitroagi/shared/identity'
import type { AccountsRepository, Membership, NewAccount, Place } from './accounts-port.ts'
import type { Scopes, Sql } from './connection.ts'
import { isUniqueViolation } from './failures.ts'
import { isLive } from './sessions.ts'

/** Whoever makes accounts holds it, so that there is one first owner and one workspace of a name. */
export const accountsLock = 474_148_500_080

export function createAccountsRepository({ system }: Scopes): AccountsRepository {
  const one = async (sql: Sql, where: string, params: unknown[]) => {
    const [row] = await sql.query<Row>(`${select} ${where} ORDER BY m.created_at, u.created_at, u.id LIMIT 1`, params)
    return row && toMembership(row)
  }
  const hasUsers = async (sql: Sql) => {
    const [row] = await sql.query<{ present: boolean }>('SELECT EXISTS (SELECT FROM users) AS present')
    return row?.present === true
  }
  const create = (account: NewAccount, place: Place, onlyFirst: boolean) =>
    system.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [accountsLock])
      if (onlyFirst && (await hasUsers(tx))) return undefined
      const { userId, workspaceId } = await insert(tx, account, place)
      return one(tx, 'WHERE m.user_id = $1 AND m.workspace_id = $2', [userId, workspaceId])
    })

  return {
    membership: (userId, workspaceId) =>
      one(system, 'WHERE m.user_id = $1 AND m.workspace_id = $2', [userId, workspaceId]),
    membershipInSession: (userId, workspaceId, sessionId, provenSeconds) =>
      one(
        system,
        `WHERE m.user_id = $1 AND m.workspace_id = $2 AND EXISTS (
           SELECT FROM sessions s WHERE s.id = $3 AND s.user_id = u.id AND ${isLive}
             AND s.created_at >= coalesce(m.sessions_from, s.created_at)
             AND coalesce(s.proven_at, s.created_at) > coalesce(now() - make_interval(secs => $4), '-infinity'))`,
        [userId, workspaceId, sessionId, provenSeconds ?? null],
      ),
    async membershipByEmail(email) {
      const [row] = await system.query<Row>(
        `${select} WHERE u.email = $1 ORDER BY m.suspended_at IS NOT NULL, m.created_at, w.id LIMIT 1`,
        [email],
      )
      return row && toMembership(row)
    },
    async person(email) {
      const [row] = await system.query<{ user_id: string; is_suspended: boolean; has_second_factor: boolean }>(
        `SELECT u.id AS user_id, u.suspended_at IS NOT NULL AS is_suspended, ${hasSecondFactor} AS has_second_factor
         FROM users u WHERE u.email = $1`,
        [email],
      )
      return row && { userId: row.user_id, isSuspended: row.is_suspended, hasSecondFactor: row.has_second_factor }
    },
    firstOwner: () => one(system, `WHERE m.role = 'owner' AND u.suspended_at IS NULL AND m.suspended_at IS NULL`, []),
    async passwordHash(email) {
      const [row] = await system.query<{ password_hash: string | null }>(
        'SELECT password_hash FROM users WHERE email = $1',
        [email],
      )
      return row?.password_hash ?? undefined
    },
    hasUsers: () => hasUsers(system),
    createFirstOwner: (account) => create(account, {}, true),
    async create(account, place) {
      const created = await create(account, place, false)
      if (!created) throw new Error('An account that was just created is missing')
      return created
    },
    createWorkspaceFor: (userId) =>
      system.transaction(async (tx) => {
        const [user] = await tx.query<NewAccount>('SELECT email, name FROM users WHERE id = $1 FOR UPDATE', [userId])
        if (!user) throw new NitroError('not_found', 'This account is gone')
        const workspaceId = await insertWorkspace(tx, ownWorkspaceName(user))
        await tx.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`, [
          workspaceId,
          userId,
        ])
        return (await one(tx, 'WHERE m.user_id = $1 AND m.workspace_id = $2', [userId, workspaceId]))!
      }),
    async suspend(email, suspended) {
      // With either: whoever is let in again signs in again.
      const [row] = await system.query<{ id: string }>(
        `WITH who AS (
           UPDATE users SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, now()) END
           WHERE email = $1 RETURNING id),
         ended AS (
           UPDATE sessions SET revoked_at = now() WHERE user_id IN (SELECT id FROM who) AND revoked_at IS NULL)
         SELECT id FROM who`,
        [email, suspended],
      )
      return row?.id
    },
    list: async () =>
      (await system.query<Row>(`${select} ORDER BY u.created_at, u.id, m.created_at`)).map(toMembership),
  }
}

async function insert(tx: Sql, account: NewAccount, place: Place): Promise<{ userId: string; workspaceId: string }> {
  const userId = await insertUser(tx, account)
  const found = place.workspace === undefined ? undefined : await workspaceNamed(tx, place.workspace)
  const workspaceId = found ?? (await insertWorkspace(tx, place.workspace ?? ownWorkspaceName(account)))
  await tx.query('INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, $3)', [
    workspaceId,
    userId,
    place.role ?? (found === undefined ? 'owner' : 'member'),
  ])
  return { userId, workspaceId }
}

export async function insertUser(tx: Sql, { email, passwordHash, name }: NewAccount): Promise<string> {
  try {
    const [row] = await tx.query<{ id: string }>(
      'INSERT INTO users (email, password_hash, name) VALUES ($1, $2, $3) RETURNING id',
      [email, passwordHash, name || null],
    )
    return row!.id
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    throw new NitroError('email_taken', 'There is already an account with this e-mail address', { cause })
  }
}

async function workspaceNamed(tx: Sql, name: string): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string }>(
    'SELECT id FROM workspaces WHERE name = $1 AND deleted_at IS NULL ORDER BY created_at, id LIMIT 1',
    [name],
  )
  return row?.id
}

async function insertWorkspace(tx: Sql, name: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>('INSERT INTO workspaces (name) VALUES ($1) RETURNING id', [name])
  return row!.id
}

const ownWorkspaceName = ({ email, name }: Pick<NewAccount, 'email' | 'name'>) =>
  `${name || email.split('@')[0]}’s workspace`

interface Row {
  user_id: string
  workspace_id: string
  workspace_name: string
  role: Role
  email: string
  name: string | null
  suspended: boolean
  is_email_verified: boolean
  has_password: boolean
  has_second_factor: boolean
  needs_second_factor: boolean
  created_at: Date
}

export const hasSecondFactor =
  'EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)'
/** That the workspace `w` asks for one which the person `u` has not. */
export const needsSecondFactor = `(w.requires_second_factor AND NOT ${hasSecondFactor})`

const select = `
  SELECT u.id AS user_id, w.id AS workspace_id, w.name AS workspace_name, m.role, u.email, u.name,
    coalesce(u.suspended_at, m.suspended_at) IS NOT NULL AS suspended, u.email_verified_at IS NOT NULL AS is_email_verified,
    u.password_hash IS NOT NULL AS has_password, u.created_at,
    ${hasSecondFactor} AS has_second_factor, ${needsSecondFactor} AS needs_second_factor
  FROM memberships m JOIN users u ON u.id = m.user_id
  JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL`

const toMembership = (row: Row): Membership => ({
  userId: row.user_id,
  workspaceId: row.workspace_id,
  workspaceName: row.workspace_name,
  role: row.role,
  email: row.email,
  name: row.name,
  isEmailVerified: row.is_email_verified,
  hasPassword: row.has_password,
  hasSecondFactor: row.has_second_factor,
  needsSecondFactor: row.needs_second_factor,
  suspended: row.suspended,
  createdAt: new Date(row.created_at).toISOString(),
})
