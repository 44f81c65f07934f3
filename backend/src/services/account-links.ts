import { setTimeout as sleep } from 'node:timers/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { hashSecret, newLinkToken } from '../identity/secrets.ts'
import type { Log } from '../log.ts'
import type { AccountCareRepository, CaredAccount, LinkPurpose } from '../ports/database/account-care-port.ts'
import type { SignInAttemptsRepository } from '../ports/database/sign-in-attempts-port.ts'
import type { Letter, Mail } from '../ports/mail/port.ts'
import { linkSeconds } from './account-letters.ts'

const pageOf = { 'verify-email': 'verify-email', 'change-email': 'verify-email', 'reset-password': 'reset-password' }
const hour = 60 * 60
/** By then the answer has left, whatever is found out for the letter. */
const afterAnswerMs = 100

export type AccountLinks = ReturnType<typeof createAccountLinks>

/** Links that prove a mailbox, and the letters around them. */
export function createAccountLinks({
  repository,
  attempts,
  mail,
  webUrl,
  log,
}: {
  repository: AccountCareRepository
  attempts: SignInAttemptsRepository
  mail: Mail
  webUrl: string
  log: Log
}) {
  return {
    hasMail: mail.isConfigured,

    /** After the #, so that no log of addresses and no referrer holds the token. */
    async create(account: Pick<CaredAccount, 'userId' | 'email'>, purpose: LinkPurpose): Promise<string> {
      const token = newLinkToken()
      await repository.addLink({ ...account, tokenHash: hashSecret(token), purpose, seconds: linkSeconds })
      return `${webUrl}/${pageOf[purpose]}#${token}`
    },

    send: (letter: Letter): Promise<void> => mail.send(letter),

    /** Tells of a change, in its transaction: with the change it is sure to be told, and without it nobody is alarmed. */
    async notify(letter: Letter): Promise<void> {
      if (mail.isConfigured) await mail.send(letter)
    },

    /** Nobody waits for it; that it failed is noted, without the letter or its address. */
    sendLater(name: string, write: () => Promise<Letter | undefined>): void {
      if (!mail.isConfigured) return
      const sent = sleep(afterAnswerMs)
        .then(write)
        .then((letter) => letter && mail.send(letter))
      void sent.catch((error: unknown) => log.warn('letter-not-sent', { letter: name, error }))
    },

    /** Throws `rate_limited` once there were as many of it as there may be, for the account or from the address. */
    async count(subjects: readonly string[], limit = { failures: 3, seconds: hour }): Promise<void> {
      const { lockedSeconds } = await attempts.begin(subjects, limit)
      if (lockedSeconds === undefined) return
      throw new NitroError('rate_limited', 'Letters were asked for too often. Wait a while, then try again.', {
        retryAfterSeconds: lockedSeconds,
      })
    },
  }
}
