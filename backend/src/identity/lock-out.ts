import { NitroError } from '@nitroagi/shared/errors'
import type { SignInAttemptsRepository } from '../ports/database/sign-in-attempts-port.ts'
import { networkOf } from './networks.ts'
import { hashSecret } from './secrets.ts'

const lockOut = { failures: 5, seconds: 15 * 60 }

/** A try to prove who one is. It counts as failed until something else is said. */
export interface ProofAttempt {
  /** The account's failures are forgotten. */
  succeed(): Promise<void>
  /** It said nothing about being right or wrong. */
  withdraw(): Promise<void>
}

const accountSubject = (email: string) => `account:${hashSecret(email)}`

export type LockOut = ReturnType<typeof createLockOut>

/** One count for passwords and codes alike, by account and by address, so that neither can be guessed at. */
export function createLockOut(attempts: SignInAttemptsRepository) {
  return {
    /** Throws `rate_limited` after five failures within 15 minutes. */
    async begin(email: string, address?: string): Promise<ProofAttempt> {
      const account = accountSubject(email)
      const subjects = address === undefined ? [account] : [account, `address:${hashSecret(networkOf(address))}`]
      const attempt = await attempts.begin(subjects, lockOut)
      if (attempt.lockedSeconds !== undefined) {
        throw new NitroError('rate_limited', 'Too many failed sign-ins. Wait 15 minutes, then try again.', {
          retryAfterSeconds: attempt.lockedSeconds,
        })
      }
      return {
        succeed: () => attempts.succeed(attempt, account),
        withdraw: () => attempts.withdraw(attempt),
      }
    },

    /** Who has proved in another way that the account is theirs need not wait. */
    forget: (email: string): Promise<void> => attempts.forget(accountSubject(email)),
  }
}
