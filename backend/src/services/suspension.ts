import { NitroError } from '@nitroagi/shared/errors'
import type { SetSuspension, SuspendedUser } from '@nitroagi/shared/operator'
import type { Call } from '../call.ts'
import type { AccountsRepository } from '../ports/database/accounts-port.ts'
import type { Audit } from './audit.ts'
import { requireOperator } from './operator.ts'

export type Suspension = ReturnType<typeof createSuspension>

interface Needs {
  accounts: Pick<AccountsRepository, 'suspend'>
  audit: Pick<Audit, 'noteAttempt'>
  /** Hears whose rights have changed, so that they are looked up anew. */
  onChange: (userId: string) => void
}

/** The machine's operator keeps somebody out of every workspace. A workspace suspends its own members; see members. */
export const createSuspension = ({ accounts, audit, onChange }: Needs) => ({
  async set(call: Call, { email, suspended }: SetSuspension): Promise<SuspendedUser> {
    requireOperator(call)
    const userId = await accounts.suspend(email, suspended)
    if (userId === undefined) {
      throw new NitroError('not_found', `There is no account with the e-mail address ${email}`)
    }
    onChange(userId)
    const action = suspended ? 'account.suspend' : 'account.restore'
    // In every workspace that they are in, and by nobody who is in one.
    audit.noteAttempt(email, { via: 'operator', requestId: call.requestId }, { action })
    return { userId, email, suspended }
  },
})
