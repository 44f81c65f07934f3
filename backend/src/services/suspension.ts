import { NitroError } from '@nitroagi/shared/errors'
import type { SetSuspension, SuspendedUser } from '@nitroagi/shared/operator'
import type { Call } from '../call.ts'
import type { AccountsRepository } from '../ports/database/accounts-port.ts'
import type { Audit } from './audit.ts'
import { requireOperator } from './operator.ts'

export type Suspension = ReturnType<typeof createSuspension>

interface Needs {
  accounts: Pick<AccountsRepository, 'suspend'>
  audit: Pick<Audit, 'together' | 'recordOperator'>
  /** Hears whose rights have changed, so that they are looked up anew. */
  onChange: (userId: string) => void
}

/** The machine's operator keeps somebody out of every workspace. A workspace suspends its own members; see members. */
export const createSuspension = ({ accounts, audit, onChange }: Needs) => ({
  async set(call: Call, { email, suspended }: SetSuspension): Promise<SuspendedUser> {
    requireOperator(call)
    const action = suspended ? 'account.suspend' : 'account.restore'
    const userId = await audit.together(async () => {
      const found = await accounts.suspend(email, suspended)
      if (found === undefined) {
        throw new NitroError('not_found', `There is no account with the e-mail address ${email}`)
      }
      await audit.recordOperator(found, { via: 'operator', requestId: call.requestId }, { action })
      return found
    })
    onChange(userId)
    return { userId, email, suspended }
  },
})
