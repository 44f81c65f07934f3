import type {
  ChangedEmail,
  ChangeEmail,
  ChangePassword,
  ChangeProfile,
  ForgotPassword,
  ResetPassword,
  VerifiedEmail,
  VerifyEmail,
} from '@nitroagi/shared/account-care'
import { NitroError } from '@nitroagi/shared/errors'
import type { Account, Registration, SignUp } from '@nitroagi/shared/identity'
import type { CreateResetLink, ResetLink } from '@nitroagi/shared/operator'
import type { Call } from '../call.ts'
import type { LockOut } from '../identity/lock-out.ts'
import { networkOf } from '../identity/networks.ts'
import { checkPassword } from '../identity/password-rules.ts'
import type { Passwords } from '../identity/passwords.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { AccountCareRepository, CaredAccount } from '../ports/database/account-care-port.ts'
import {
  changeEmailLetter,
  emailChangedLetter,
  emailTakenLetter,
  endOfLink,
  passwordChangedLetter,
  resetLetter,
  verifyLetter,
} from './account-letters.ts'
import type { AccountLinks } from './account-links.ts'
import type { Accounts, Visitor } from './accounts.ts'
import type { Arrival, Audit } from './audit.ts'
import { requireOperator } from './operator.ts'
import type { CheckProof } from './proof.ts'

/** Like sign-ins: five in a quarter of an hour, by account and by address. */
const resetLimit = { failures: 5, seconds: 15 * 60 }

export interface AccountCareOptions {
  repository: AccountCareRepository
  accounts: Accounts
  audit: Pick<Audit, 'together' | 'recordPerson' | 'recordOperator'>
  links: AccountLinks
  lockOut: LockOut
  passwords: Passwords
  checkProof: CheckProof
}

export type AccountCare = ReturnType<typeof createAccountCare>

/** What people do about their own account: a password that is forgotten or changed, an address, a name. */
export function createAccountCare(options: AccountCareOptions) {
  const { repository, accounts, audit, links, lockOut, passwords, checkProof } = options

  /** Whose account it is, once they have shown that they know its password, where it has one. */
  async function proven(call: Call, password: string | undefined): Promise<CaredAccount> {
    const account = await own(call)
    if (account.passwordHash === null) {
      await checkProof(call.actor)
      return account
    }
    if (password === undefined) throw new NitroError('invalid_input', 'Type your password, so that it is surely you')
    const attempt = await lockOut.begin(account.email)
    if (!(await passwords.matches(account.passwordHash, password))) {
      throw new NitroError('forbidden', 'The password is wrong')
    }
    await attempt.succeed()
    return account
  }

  async function own({ actor }: Call): Promise<CaredAccount> {
    const account = await repository.find(actor.userId)
    if (!account) throw new NitroError('not_found', 'This account is gone')
    return account
  }

  return {
    proven,

    registration: async (): Promise<Registration> => ({
      mode: await accounts.registrationMode(),
      hasMail: links.hasMail,
    }),

    /** The letter that confirms the address comes after the answer; whoever was invited by one has confirmed it. */
    async signUp(wanted: SignUp): Promise<Account> {
      await checkPassword(wanted.password, wanted.email)
      const account = await accounts.signUp(wanted)
      if (!account.isEmailVerified) {
        links.sendLater('verify-email', async () =>
          verifyLetter(account.email, await links.create(account, 'verify-email')),
        )
      }
      return account
    },

    /** The same for everybody, at once: what is found out about the address is found out after the answer. */
    async forgotPassword({ email }: ForgotPassword, { address }: Visitor = {}): Promise<void> {
      if (!links.hasMail) {
        throw new NitroError(
          'unavailable',
          'No letters can be sent here. Ask whoever runs this installation for a link.',
        )
      }
      const subjects = [`reset-account:${hashSecret(email)}`]
      if (address !== undefined) subjects.push(`reset-address:${hashSecret(networkOf(address))}`)
      await links.count(subjects, resetLimit)
      links.sendLater('reset-password', async () => {
        const account = await repository.findByEmail(email)
        if (!account || account.isSuspended) return undefined
        return resetLetter(email, await links.create(account, 'reset-password'))
      })
    },

    /** For who gets no letters. Nobody else's to make: whoever has the link has the account. */
    async resetLink(call: Call, { email }: CreateResetLink): Promise<ResetLink> {
      requireOperator(call)
      const account = await repository.findByEmail(email)
      if (!account) throw new NitroError('not_found', `There is no account with the e-mail address ${email}`)
      const expiresAt = endOfLink()
      return audit.together(async () => {
        const link = await links.create(account, 'reset-password')
        await audit.recordOperator(account.userId, arrivalOf(call), { action: 'password.link' })
        return { link, expiresAt }
      })
    },

    async resetPassword({ token, password }: ResetPassword, arrival: Arrival): Promise<void> {
      const tokenHash = hashSecret(token)
      // Before the costly hash, and so that a password that is refused does not use the link up.
      const found = await repository.findReset(tokenHash)
      if (!found) throw linkExpired()
      await checkPassword(password, found.email)
      const passwordHash = await passwords.hash(password)
      const account = await audit.together(async () => {
        const owner = await repository.resetPassword(tokenHash, passwordHash)
        if (!owner) throw linkExpired()
        await links.notify(passwordChangedLetter(owner.email))
        await audit.recordPerson(owner.userId, arrival, { action: 'password.reset' })
        return owner
      })
      await lockOut.forget(account.email)
      accounts.forget(account.userId)
    },

    async changePassword(call: Call, { current, next }: ChangePassword): Promise<void> {
      const sessionId = requireSession(call)
      const { userId, email } = await proven(call, current)
      if (current === next) throw new NitroError('invalid_input', 'next: This is the password that you have')
      await checkPassword(next, email)
      const passwordHash = await passwords.hash(next)
      await audit.together(async () => {
        await repository.changePassword(userId, passwordHash, sessionId)
        await links.notify(passwordChangedLetter(email))
        await audit.recordPerson(userId, arrivalOf(call), { action: 'password.change' })
      })
      accounts.forget(userId)
    },

    async rename(call: Call, { name }: ChangeProfile): Promise<Account> {
      requireSession(call)
      await repository.rename(call.actor.userId, name)
      accounts.forget(call.actor.userId)
      return accounts.me(call)
    },

    async changeEmail(call: Call, { email, password }: ChangeEmail): Promise<ChangedEmail> {
      requireSession(call)
      const { userId, email: former } = await proven(call, password)
      if (email === former) throw new NitroError('invalid_input', 'email: This is the address that you have')
      if (!links.hasMail) {
        await audit.together(async () => {
          await repository.changeEmail(userId, email)
          await audit.recordPerson(userId, arrivalOf(call), { action: 'email.change' })
        })
        accounts.forget(userId)
        return { state: 'changed' }
      }
      await links.count([`letters:${userId}`])
      const isTaken = (await repository.findByEmail(email)) !== undefined
      await links.send(
        isTaken
          ? emailTakenLetter(email)
          : changeEmailLetter(email, await links.create({ userId, email }, 'change-email')),
      )
      return { state: 'confirm' }
    },

    async verifyEmail({ token }: VerifyEmail, arrival: Arrival): Promise<VerifiedEmail> {
      const { userId, email } = await audit.together(async () => {
        const verified = await repository.verifyEmail(hashSecret(token))
        if (!verified) throw linkExpired()
        const isChanged = verified.email !== verified.formerEmail
        if (isChanged) await links.notify(emailChangedLetter(verified.formerEmail))
        const action = isChanged ? 'email.change' : 'email.confirm'
        await audit.recordPerson(verified.userId, arrival, { action })
        return verified
      })
      accounts.forget(userId)
      return { email }
    },

    /** At most three an hour. */
    async sendVerification(call: Call): Promise<void> {
      requireSession(call)
      const account = await own(call)
      if (account.isEmailVerified) throw new NitroError('conflict', 'Your address is confirmed already')
      if (!links.hasMail) throw new NitroError('unavailable', 'No letters can be sent here')
      await links.count([`letters:${account.userId}`])
      await links.send(verifyLetter(account.email, await links.create(account, 'verify-email')))
    },
  }
}

/** A key that leaked must not be able to take its owner's account. */
export function requireSession({ actor: { via, sessionId } }: Call): string {
  if (via === 'session' && sessionId !== undefined) return sessionId
  throw new NitroError('forbidden', 'This is for whoever is signed in to the web app')
}

const arrivalOf = ({ actor, requestId }: Call): Arrival => ({ via: actor.via, requestId })

const linkExpired = () =>
  new NitroError('link_expired', 'This link was used already, or it is older than an hour. Ask for a new one.')
