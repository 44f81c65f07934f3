import { NitroError } from '@nitroagi/shared/errors'
import type { AccountCareRepository, CaredAccount, LinkPurpose } from './account-care-port.ts'
import type { Scopes, Sql } from './connection.ts'
import { isUniqueViolation } from './failures.ts'

export function createAccountCareRepository({ system }: Scopes): AccountCareRepository {
  const account = async (where: string, params: unknown[], sql: Sql = system) => {
    const [row] = await sql.query<Row>(`${select} ${where}`, params)
    return row && toAccount(row)
  }

  return {
    find: (userId) => account('WHERE u.id = $1', [userId]),
    findByEmail: (email) => account('WHERE u.email = $1', [email]),

    async rename(userId, name) {
      await system.query('UPDATE users SET name = $2 WHERE id = $1', [userId, name])
    },

    privateCollections: (userId) =>
      system.query<{ workspaceId: string; id: string }>(
        `SELECT c.workspace_id AS "workspaceId", c.id FROM collections c
         JOIN collection_members m ON m.workspace_id = c.workspace_id AND m.collection_id = c.id
         WHERE c.access = 'members' AND c.deleted_at IS NULL
         GROUP BY c.workspace_id, c.id HAVING bool_and(m.user_id = $1)`,
        [userId],
      ),

    delete: (userId) =>
      system.transaction(async (tx) => {
        await tx.query('UPDATE invitations SET email = NULL WHERE accepted_by = $1', [userId])
        await tx.query('DELETE FROM users WHERE id = $1', [userId])
      }),

    async addLink({ tokenHash, userId, purpose, email, seconds }) {
      await system.query(
        `WITH gone AS (
           DELETE FROM one_time_tokens WHERE (user_id = $2 AND purpose = $3) OR expires_at < now())
         INSERT INTO one_time_tokens (secret_hash, user_id, purpose, email, expires_at)
         VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
        [tokenHash, userId, purpose, email, seconds],
      )
    },

    findReset: (tokenHash) =>
      account(
        `JOIN one_time_tokens t ON t.user_id = u.id
         WHERE t.secret_hash = $1 AND t.purpose = 'reset-password' AND t.expires_at > now()`,
        [tokenHash],
      ),

    resetPassword: (tokenHash, passwordHash) =>
      system.transaction(async (tx) => {
        const link = await use(tx, tokenHash, ['reset-password'])
        if (!link) return undefined
        await setPassword(tx, link.user_id, passwordHash)
        await tx.query(
          'UPDATE users SET email_verified_at = coalesce(email_verified_at, now()) WHERE id = $1 AND email = $2',
          [link.user_id, link.email],
        )
        return account('WHERE u.id = $1', [link.user_id], tx)
      }),

    changePassword: (userId, passwordHash, sessionId) =>
      system.transaction((tx) => setPassword(tx, userId, passwordHash, sessionId)),

    changeEmail: (userId, email) =>
      system.transaction(async (tx) => {
        await setEmail(tx, userId, email, false)
      }),

    verifyEmail: (tokenHash) =>
      system.transaction(async (tx) => {
        const link = await use(tx, tokenHash, ['verify-email', 'change-email'])
        const before = link && (await account('WHERE u.id = $1 FOR UPDATE', [link.user_id], tx))
        if (!link || !before) return undefined
        if (link.purpose === 'change-email') await setEmail(tx, link.user_id, link.email, true)
        // The account may have another address by now than the letter went to.
        else if (before.email !== link.email) return undefined
        else await tx.query('UPDATE users SET email_verified_at = now() WHERE id = $1', [link.user_id])
        return { userId: link.user_id, email: link.email, formerEmail: before.email }
      }),
  }
}

/** Gone with the first who asks; whoever comes at the same time waits for the row and finds nothing. */
async function use(tx: Sql, tokenHash: string, purposes: readonly LinkPurpose[]) {
  const [link] = await tx.query<{ user_id: string; purpose: LinkPurpose; email: string }>(
    `DELETE FROM one_time_tokens WHERE secret_hash = $1 AND purpose = ANY($2) AND expires_at > now()
     RETURNING user_id, purpose, email`,
    [tokenHash, purposes],
  )
  return link
}

async function setPassword(tx: Sql, userId: string, passwordHash: string, sessionId?: string): Promise<void> {
  await tx.query('UPDATE users SET password_hash = $2, password_changed_at = now() WHERE id = $1', [
    userId,
    passwordHash,
  ])
  await tx.query(
    `UPDATE sessions SET revoked_at = now()
     WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid`,
    [userId, sessionId ?? null],
  )
  await voidLinks(tx, userId)
}

async function setEmail(tx: Sql, userId: string, email: string, isVerified: boolean): Promise<void> {
  try {
    await tx.query('UPDATE users SET email = $2, email_verified_at = CASE WHEN $3 THEN now() END WHERE id = $1', [
      userId,
      email,
      isVerified,
    ])
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    throw new NitroError('email_taken', 'There is already an account with this e-mail address', { cause })
  }
  await voidLinks(tx, userId)
}

// A link to a mailbox that is not theirs any more, or that whoever had their password asked for, would give the account away.
const voidLinks = (tx: Sql, userId: string) => tx.query('DELETE FROM one_time_tokens WHERE user_id = $1', [userId])

interface Row {
  id: string
  email: string
  password_hash: string | null
  verified: boolean
  suspended: boolean
}

const select = `
  SELECT u.id, u.email, u.password_hash, u.email_verified_at IS NOT NULL AS verified, u.suspended_at IS NOT NULL AS suspended
  FROM users u`

const toAccount = (row: Row): CaredAccount => ({
  userId: row.id,
  email: row.email,
  passwordHash: row.password_hash,
  isEmailVerified: row.verified,
  isSuspended: row.suspended,
})
