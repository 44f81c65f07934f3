import { NitroError } from '@nitroagi/shared/errors'
import type {
  BeginSecondFactor,
  BegunSecondFactor,
  ConfirmSecondFactor,
  DisableSecondFactor,
  RecoveryCodes,
  SecondFactor,
} from '@nitroagi/shared/second-factor'
import { Secret, TOTP } from 'otpauth'
import type { Call } from '../call.ts'
import type { Encryption, SecretPlace } from '../identity/encryption.ts'
import type { LockOut, ProofAttempt } from '../identity/lock-out.ts'
import type { Passwords } from '../identity/passwords.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { AccountsRepository, Membership } from '../ports/database/accounts-port.ts'
import type { SecondFactorsRepository } from '../ports/database/second-factors-port.ts'
import type { Audit } from './audit.ts'
import type { CheckProof } from './proof.ts'

export interface SecondFactorsOptions {
  repository: SecondFactorsRepository
  accounts: Pick<AccountsRepository, 'membership' | 'passwordHash'>
  audit: Pick<Audit, 'together' | 'recordPerson' | 'noteAttempt'>
  encryption: Pick<Encryption, 'encrypt' | 'decrypt'>
  passwords: Passwords
  lockOut: LockOut
  checkProof: CheckProof
  /** Hears whose account has changed. */
  onChange: (userId: string) => void
  now?: (() => number) | undefined
}

export type SecondFactors = ReturnType<typeof createSecondFactors>

/** What authenticator apps expect when nothing else is said (RFC 6238); some ignore whatever else is said. */
const periodSeconds = 30
/** A clock may be a step off, either way. */
const toleratedSteps = 1
const recoveryCodeCount = 10

export function createSecondFactors(options: SecondFactorsOptions) {
  const { repository, accounts, audit, encryption, passwords, lockOut, onChange, now = Date.now } = options

  /** The step whose code this is, when the sealed secret gives it. */
  function stepOf(userId: string, sealedSecret: string, code: string): number | undefined {
    const secret = Secret.fromBase32(encryption.decrypt(sealedSecret, placeOf(userId)))
    const timestamp = now()
    const delta = totp(secret).validate({ token: code, timestamp, window: toleratedSteps })
    return delta === null ? undefined : Math.floor(timestamp / 1000 / periodSeconds) + delta
  }

  async function isRight(userId: string, given: string): Promise<boolean> {
    const code = given.replace(/[\s-]/g, '')
    if (!/^\d{6}$/.test(code)) return repository.takeRecoveryCode(userId, hashSecret(code.toUpperCase()))
    const factor = await repository.find(userId)
    if (!factor?.isConfirmed) return false
    const step = stepOf(userId, factor.sealedSecret, code)
    return step !== undefined && repository.takeStep(userId, step)
  }

  async function person({ actor }: Call): Promise<Membership> {
    if (actor.via !== 'session') {
      throw new NitroError('forbidden', 'The second factor is managed by whoever is signed in to the web app')
    }
    const membership = await accounts.membership(actor.userId, actor.workspaceId)
    if (!membership) throw new NitroError('not_found', 'This account is gone')
    return membership
  }

  async function checkPassword(
    { actor }: Call,
    { email, hasPassword }: Membership,
    password: string | undefined,
  ): Promise<void> {
    if (!hasPassword) return options.checkProof(actor)
    if (password === undefined) throw new NitroError('invalid_input', 'Give your password as well')
    const attempt = await lockOut.begin(email)
    if (!(await passwords.matches(await accounts.passwordHash(email), password))) {
      throw new NitroError('invalid_input', 'The password is wrong')
    }
    await attempt.succeed()
  }

  return {
    async status(call: Call): Promise<SecondFactor> {
      const { userId } = await person(call)
      const factor = await repository.find(userId)
      return factor?.isConfirmed
        ? { isOn: true, recoveryCodesLeft: factor.recoveryCodesLeft }
        : { isOn: false, recoveryCodesLeft: 0 }
    },

    async begin(call: Call, { password }: BeginSecondFactor): Promise<BegunSecondFactor> {
      const membership = await person(call)
      if (membership.hasSecondFactor) throw alreadyOn()
      await checkPassword(call, membership, password)
      const secret = new Secret({ size: 20 })
      const sealed = encryption.encrypt(secret.base32, placeOf(membership.userId))
      if (!(await repository.begin(membership.userId, sealed))) throw alreadyOn()
      return { secret: secret.base32, uri: totp(secret, membership.email).toString() }
    },

    async confirm(call: Call, { code }: ConfirmSecondFactor): Promise<RecoveryCodes> {
      const { userId } = await person(call)
      const factor = await repository.find(userId)
      if (!factor) throw new NitroError('conflict', 'Begin with a new secret first, then confirm it with a code')
      if (factor.isConfirmed) throw alreadyOn()
      const step = stepOf(userId, factor.sealedSecret, code.replace(/\s/g, ''))
      if (step === undefined) {
        throw new NitroError('invalid_input', 'This code is wrong. Check that the clock of your device is right.')
      }
      const codes = Array.from({ length: recoveryCodeCount }, newRecoveryCode)
      const recoveryHashes = codes.map(hashSecret)
      const { sealedSecret } = factor
      await audit.together(async () => {
        if (!(await repository.confirm(userId, { sealedSecret, step, recoveryHashes }))) {
          throw new NitroError('conflict', 'The second factor was begun anew or turned on meanwhile. Look again.')
        }
        await audit.recordPerson(userId, arrivalOf(call), { action: 'second-factor.enable' })
      })
      onChange(userId)
      return { recoveryCodes: codes.map(inGroups) }
    },

    async disable(call: Call, { code }: DisableSecondFactor): Promise<void> {
      const { userId, email, hasSecondFactor } = await person(call)
      if (!hasSecondFactor) throw new NitroError('conflict', 'The second factor is off already')
      const attempt = await lockOut.begin(email)
      if (!(await isRight(userId, code))) throw new NitroError('invalid_input', wrongCode)
      await attempt.succeed()
      await audit.together(async () => {
        await repository.remove(userId)
        await audit.recordPerson(userId, arrivalOf(call), { action: 'second-factor.disable' })
      })
      onChange(userId)
    },

    /** Returns when they may come in. Without a code the attempt does not count; a wrong one counts as failed. */
    async demand(
      who: Pick<Membership, 'userId' | 'email' | 'hasSecondFactor'>,
      code: string | undefined,
      attempt: ProofAttempt & { requestId?: string | undefined },
    ): Promise<void> {
      if (!who.hasSecondFactor) return
      if (code === undefined) {
        await attempt.withdraw()
        throw new NitroError('second_factor_required', 'Give the code of your authenticator app, or a recovery code')
      }
      if (await isRight(who.userId, code)) return
      const arrival = { via: 'service', requestId: attempt.requestId } as const
      audit.noteAttempt(who.email, arrival, { action: 'session.refuse', facts: { reason: 'second-factor' } })
      throw new NitroError('second_factor_required', wrongCode)
    },
  }
}

const arrivalOf = ({ actor, requestId }: Call) => ({ via: actor.via, requestId })

const wrongCode = 'This code is wrong or was used already. Wait for the next one, or give a recovery code.'
const alreadyOn = () =>
  new NitroError('conflict', 'The second factor is on already. Turn it off before you begin anew.')

const placeOf = (userId: string): SecretPlace => ({
  workspaceId: null,
  table: 'second_factors',
  row: userId,
  column: 'secret',
})

const totp = (secret: Secret, label = '') =>
  new TOTP({ issuer: 'NitroAGI', label, secret, algorithm: 'SHA1', digits: 6, period: periodSeconds })

/** 120 random bits: too many to be guessed back from a plain hash. */
const newRecoveryCode = () => new Secret({ size: 15 }).base32
const inGroups = (code: string) => code.replace(/.{4}(?=.)/g, '$&-')
