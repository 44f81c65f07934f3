import { NitroError } from '@nitroagi/shared/errors'
import type { GiveProof } from '@nitroagi/shared/proof'
import type { Actor, Call } from '../call.ts'
import type { LockOut } from '../identity/lock-out.ts'
import type { Passwords } from '../identity/passwords.ts'
import type { AccountsRepository } from '../ports/database/accounts-port.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'
import { requireSession } from './account-care.ts'
import type { SecondFactors } from './second-factors.ts'

/** Long enough to go to another service and come back. */
const provenSeconds = 15 * 60

type Who = Pick<Actor, 'userId' | 'workspaceId' | 'sessionId'>

/** Rejects with `proof_required` unless who this is was shown a short while ago, by signing in or since. */
export type CheckProof = (who: Who) => Promise<void>

export const createProofCheck =
  (accounts: Pick<AccountsRepository, 'membershipInSession'>): CheckProof =>
  async ({ userId, workspaceId, sessionId = '' }) => {
    if (await accounts.membershipInSession(userId, workspaceId, sessionId, provenSeconds)) return
    throw new NitroError(
      'proof_required',
      'It is more than 15 minutes since you showed who you are. Sign out and in again, then do this at once.',
    )
  }

export type Proof = ReturnType<typeof createProof>

interface Needs {
  accounts: Pick<AccountsRepository, 'membership' | 'passwordHash'>
  sessions: Pick<SessionsRepository, 'prove'>
  checkProof: CheckProof
  secondFactors: Pick<SecondFactors, 'demand'>
  passwords: Passwords
  lockOut: LockOut
}

/** Showing once more who one is, before what changes how one signs in. */
export const createProof = ({ accounts, sessions, checkProof, secondFactors, passwords, lockOut }: Needs) => ({
  /** Takes the password of who has one and a code of who has a second factor, both counted as sign-ins are. */
  async prove(call: Call, { password, code }: GiveProof): Promise<void> {
    const sessionId = requireSession(call)
    if (password === undefined && code === undefined) return checkProof(call.actor)
    const { userId, workspaceId } = call.actor
    const membership = await accounts.membership(userId, workspaceId)
    if (!membership) throw new NitroError('not_found', 'This account is gone')
    const { email, hasPassword, hasSecondFactor } = membership
    if (!hasPassword && !hasSecondFactor) return checkProof(call.actor)
    const attempt = await lockOut.begin(email)
    if (hasPassword && !(await passwords.matches(await accounts.passwordHash(email), password ?? ''))) {
      throw new NitroError('invalid_input', 'password: The password is wrong')
    }
    await secondFactors.demand(membership, code, { ...attempt, requestId: call.requestId })
    await attempt.succeed()
    await sessions.prove(sessionId)
  },
})
