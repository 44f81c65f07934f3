import { NitroError } from '@nitroagi/shared/errors'
import type { Account, Credentials, Registration, SignedIn, SignUp } from '@nitroagi/shared/identity'
import { sessionLimits } from '@nitroagi/shared/limits'
import type { Actor, Call } from '../call.ts'
import { createFreshCache } from '../identity/fresh-cache.ts'
import type { LockOut } from '../identity/lock-out.ts'
import type { Passwords } from '../identity/passwords.ts'
import { scopesOf } from '../identity/roles.ts'
import type { Log } from '../log.ts'
import type { AccountsRepository, Membership } from '../ports/database/accounts-port.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'
import type { Arrivals } from './arrivals.ts'
import type { Audit } from './audit.ts'
import type { SecondFactors } from './second-factors.ts'

export interface AccountsOptions {
  log: Log
  audit: Pick<Audit, 'together' | 'recordPerson' | 'noteAttempt'>
  repository: AccountsRepository
  sessions: SessionsRepository
  lockOut: LockOut
  secondFactors: Pick<SecondFactors, 'demand'>
  arrivals: Arrivals
  passwords: Passwords
  /** Whether whoever comes first may become the owner: nobody but this machine can come. */
  isFirstOwnerOpen: boolean
  /** The only address that may become the first owner through the web. */
  ownerEmail?: string | undefined
  /** How long a session lasts in all, and without being used. */
  sessionDays: SessionDays
}

export interface SessionDays {
  days: number
  idleDays: number
}

export type Accounts = ReturnType<typeof createAccounts>

/** How long a right may outlive the row that gave it; with a second of checking it stays within five. */
const freshSeconds = 4
const visitSeconds = 5 * 60
const daySeconds = 24 * 60 * 60

/** Where somebody signs in from, as the web app saw it. */
export interface Visitor {
  address?: string | undefined
  userAgent?: string | undefined
  requestId?: string | undefined
}

export function createAccounts(options: AccountsOptions) {
  const { log, audit, repository, sessions, lockOut, secondFactors, arrivals, passwords } = options
  const { isFirstOwnerOpen, ownerEmail } = options
  const seconds = options.sessionDays.days * daySeconds
  const idleSeconds = options.sessionDays.idleDays * daySeconds
  const visits = createFreshCache(async (sessionId) => ({ done: await sessions.seen(sessionId, idleSeconds) }), {
    seconds: visitSeconds,
    capacity: 10_000,
  })
  /** Nobody waits for this note, and a database that does not take it costs no answer. */
  const noteVisit = (sessionId: string) =>
    void visits.get(sessionId).catch((error: unknown) => log.warn('visit-not-noted', { error }))
  const memberships = createFreshCache(
    async (key) => {
      const [userId = '', workspaceId = '', sessionId] = key.split(' ')
      if (sessionId === undefined) return repository.membership(userId, workspaceId)
      const membership = await repository.membershipInSession(userId, workspaceId, sessionId)
      if (membership) noteVisit(sessionId)
      return membership
    },
    { seconds: freshSeconds, capacity: 10_000 },
  )
  const now = ({ userId, workspaceId, sessionId }: Who) =>
    memberships.get([userId, workspaceId, ...(sessionId === undefined ? [] : [sessionId])].join(' '))
  const membershipsByEmail = createFreshCache(
    (email) => (email === '' ? repository.firstOwner() : repository.membershipByEmail(email)),
    { seconds: freshSeconds, capacity: 1_000 },
  )
  const mayBeFirstOwner = (email: string) => (ownerEmail === undefined ? isFirstOwnerOpen : email === ownerEmail)

  async function mode(): Promise<Registration['mode']> {
    // Open or not, whoever comes first gets the installation: that is never just anybody.
    if (await repository.hasUsers()) return (await arrivals.isOpen()) ? 'open' : 'closed'
    return isFirstOwnerOpen || ownerEmail !== undefined ? 'first-owner' : 'closed'
  }

  const noteRefused = (email: string, { requestId }: Visitor) =>
    audit.noteAttempt(email, { via: 'service', requestId }, { action: 'session.refuse', facts: { reason: 'password' } })

  return {
    /** Who somebody is now. Throws `unauthenticated` when they or their session are gone, or they are suspended. */
    async actor(who: Who): Promise<Actor> {
      const membership = await now(who)
      if (!membership || membership.suspended) throw new NitroError('unauthenticated', 'Sign in again to go on')
      const { needsSecondFactor } = membership
      const ofSession = who.sessionId === undefined ? {} : { sessionId: who.sessionId }
      return { ...actorOf(membership, 'session'), ...ofSession, ...(needsSecondFactor ? { needsSecondFactor } : {}) }
    },

    /** The same actor with the rights of this moment, for connections that outlive a request. */
    async current(actor: Actor): Promise<Actor> {
      const { role, needsSecondFactor } = await this.actor(actor)
      if (needsSecondFactor) throw secondFactorMissing()
      return { ...actor, role, scopes: actor.scopes.filter((scope) => scopesOf(role).includes(scope)) }
    },

    /** Their rights, or one of their sessions, have changed: in this process that counts at once. */
    forget: (userId: string): void => memberships.forget((membership) => membership.userId === userId),

    /** The same for everybody who is in this workspace. */
    forgetWorkspace: (workspaceId: string): void =>
      memberships.forget((membership) => membership.workspaceId === workspaceId),

    /** Whom the operator acts for: the first owner unless said otherwise. Undefined while there is no account at all. */
    async operatorActor(email?: string): Promise<Actor | undefined> {
      const membership = await membershipsByEmail.get(email ?? '')
      if (!membership && email === undefined) return undefined
      if (!membership) throw new NitroError('not_found', `There is no account with the e-mail address ${email}`)
      if (membership.suspended) throw new NitroError('forbidden', `The account ${membership.email} is suspended`)
      return actorOf(membership, 'operator')
    },

    async me({ actor }: Call): Promise<Account> {
      const membership = await now(actor)
      if (!membership) throw new NitroError('not_found', 'This account is gone')
      return toAccount(membership)
    },

    registrationMode: mode,

    /** The same answer, in about the same time, for an unknown address and for a wrong password. */
    async signIn({ email, password, code, invitation }: Credentials, visitor: Visitor = {}): Promise<SignedIn> {
      const attempt = await lockOut.begin(email, visitor.address)
      if (!(await passwords.matches(await repository.passwordHash(email), password))) {
        noteRefused(email, visitor)
        throw new NitroError('unauthenticated', 'The e-mail address or the password is wrong')
      }
      const person = await repository.person(email)
      if (person) {
        await secondFactors.demand({ ...person, email }, code, { ...attempt, requestId: visitor.requestId })
      }
      await attempt.succeed()
      if (!person || person.isSuspended) {
        throw new NitroError('forbidden', 'This account may not sign in. Ask whoever runs this installation.')
      }
      const known = await repository.membershipByEmail(email)
      return this.begin(await arrivals.home(person, known, invitation), visitor)
    },

    /** The session of somebody who has proved who they are. */
    async begin(membership: Membership, { address, userAgent, requestId }: Visitor): Promise<SignedIn> {
      const { userId } = membership
      const arrival = { via: 'service', requestId } as const
      const { sessionId, ended } = await audit.together(async () => {
        const begun = await sessions.begin({ userId, seconds, idleSeconds, address, userAgent })
        const tooMany = await sessions.endBeyond(userId, sessionLimits.atOnce)
        await audit.recordPerson(userId, arrival, { action: 'session.begin', targetId: begun })
        for (const targetId of tooMany) {
          await audit.recordPerson(userId, arrival, { action: 'session.end', targetId, facts: { reason: 'too-many' } })
        }
        return { sessionId: begun, ended: tooMany.length }
      })
      if (ended > 0) this.forget(userId)
      return { ...toAccount(membership), sessionId }
    },

    mayBeFirstOwner,

    async signUp({ email, password, name, invitation }: SignUp): Promise<Account> {
      const account = async () => ({ email, name, passwordHash: await passwords.hash(password) })
      const closed = () => new NitroError('registration_closed', 'New accounts are by invitation here')
      // Before the costly hash; the transactions below decide.
      if (invitation !== undefined) {
        await arrivals.check(invitation, email)
        return toAccount(await arrivals.signUpInvited(invitation, await account()))
      }
      const now = await mode()
      if (now === 'open') return toAccount(await arrivals.signUpOpen(await account()))
      if (now === 'closed' || !mayBeFirstOwner(email)) throw closed()
      const created = await repository.createFirstOwner(await account())
      if (!created) throw closed()
      return toAccount(created)
    },
  }
}

export const secondFactorMissing = () =>
  new NitroError(
    'second_factor_missing',
    'This workspace asks its members for a second factor. Set one up in the web app, under Settings, Signing in.',
  )

type Who = Pick<Actor, 'userId' | 'workspaceId' | 'sessionId'>

const actorOf = ({ userId, workspaceId, role }: Membership, via: Actor['via']): Actor => ({
  userId,
  workspaceId,
  role,
  via,
  scopes: scopesOf(role),
})

const toAccount = ({ suspended: _, createdAt: __, ...account }: Membership): Account => account
