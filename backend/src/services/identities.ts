import { NitroError } from '@nitroagi/shared/errors'
import type { Registration, SignedIn } from '@nitroagi/shared/identity'
import type { LinkedIdentity, ProviderName, SignInWithIdentity } from '@nitroagi/shared/second-factor'
import type { Call } from '../call.ts'
import type { LockOut } from '../identity/lock-out.ts'
import type { AccountsRepository, Membership } from '../ports/database/accounts-port.ts'
import type { IdentitiesRepository, MayJoin } from '../ports/database/identities-port.ts'
import type { Visitor } from './accounts.ts'
import type { Arrivals } from './arrivals.ts'
import type { Audit } from './audit.ts'
import type { CheckProof } from './proof.ts'
import type { SecondFactors } from './second-factors.ts'

export interface IdentitiesOptions {
  repository: IdentitiesRepository
  accounts: Pick<AccountsRepository, 'person' | 'membershipByEmail' | 'membershipInSession'>
  audit: Pick<Audit, 'together' | 'recordPerson'>
  /** Where somebody goes on who has proved who they are. */
  home: Arrivals['home']
  secondFactors: Pick<SecondFactors, 'demand'>
  lockOut: LockOut
  checkProof: CheckProof
  /** Who may make an account now. */
  registration: () => Promise<Registration['mode']>
  mayBeFirstOwner: (email: string) => boolean
  /** Lets them in. */
  beginSession: (membership: Membership, visitor: Visitor) => Promise<SignedIn>
  /** Hears whose account has changed. */
  onChange: (userId: string) => void
}

export type Identities = ReturnType<typeof createIdentities>

/** Signing in with Google, GitHub or a service of one's own. Whom they mean is said by the subject alone. */
export function createIdentities(options: IdentitiesOptions) {
  const { repository, accounts, audit, secondFactors, lockOut, beginSession, onChange } = options

  async function signInKnown(email: string, code: string | undefined, visitor: Visitor): Promise<SignedIn> {
    const person = await accounts.person(email)
    if (!person || person.isSuspended) {
      throw new NitroError('forbidden', 'This account may not sign in. Ask whoever runs this installation.')
    }
    if (person.hasSecondFactor) {
      const attempt = await lockOut.begin(email, visitor.address)
      await secondFactors.demand({ ...person, email }, code, { ...attempt, requestId: visitor.requestId })
      await attempt.succeed()
    }
    return beginSession(await options.home(person, await accounts.membershipByEmail(email)), visitor)
  }

  async function signUp(given: SignInWithIdentity, visitor: Visitor): Promise<SignedIn> {
    const { provider, subject, email, isEmailVerified, name } = given
    // Before anything is looked up by it: an address that anybody can claim finds out nothing about its owner.
    if (email === null || !isEmailVerified) {
      throw new NitroError(
        'identity_unverified',
        'That service does not say that the e-mail address is yours. Confirm it there, then try again.',
      )
    }
    const mode = await options.registration()
    const may: MayJoin =
      mode === 'open' ? 'open' : mode === 'first-owner' && options.mayBeFirstOwner(email) ? 'first-owner' : 'invited'
    const arrival = { via: 'service', requestId: visitor.requestId } as const
    const membership = await audit.together(async () => {
      if (!(await repository.createAccount({ provider, subject, email, name }, may))) {
        throw new NitroError('registration_closed', 'New accounts are by invitation here')
      }
      const created = await accounts.membershipByEmail(email)
      if (!created) throw new Error('An account that was just created is missing')
      await audit.recordPerson(created.userId, arrival, { action: 'user.create', facts: { provider } })
      return created
    })
    return beginSession(membership, visitor)
  }

  async function connect(
    given: SignInWithIdentity,
    to: NonNullable<SignInWithIdentity['linkTo']>,
    { requestId }: Visitor,
  ): Promise<SignedIn> {
    const membership = await accounts.membershipInSession(to.userId, to.workspaceId, to.sessionId)
    if (!membership || membership.suspended) throw new NitroError('unauthenticated', 'Sign in again, then connect it')
    await options.checkProof(to)
    await audit.together(async () => {
      const outcome = await repository.link(to.userId, given)
      if (outcome === 'taken') {
        throw new NitroError('identity_taken', 'This is connected to another account already')
      }
      if (outcome === 'other') {
        throw new NitroError('conflict', 'Another account of this service is connected. Disconnect it first.')
      }
      const facts = { provider: given.provider }
      await audit.recordPerson(to.userId, { via: 'session', requestId }, { action: 'identity.connect', facts })
    })
    onChange(to.userId)
    const { suspended: _, createdAt: __, ...account } = membership
    return { ...account, sessionId: to.sessionId }
  }

  return {
    /** Signs in, signs up, or with `linkTo` makes it one more way into the account of that session. */
    async signIn(given: SignInWithIdentity, visitor: Visitor = {}): Promise<SignedIn> {
      if (given.linkTo) return connect(given, given.linkTo, visitor)
      const owner = await repository.owner(given.provider, given.subject)
      return owner ? signInKnown(owner.email, given.code, visitor) : signUp(given, visitor)
    },

    async list({ actor }: Call): Promise<LinkedIdentity[]> {
      requireSession(actor)
      return repository.list(actor.userId)
    },

    async disconnect({ actor, requestId }: Call, provider: ProviderName): Promise<void> {
      requireSession(actor)
      await options.checkProof(actor)
      const arrival = { via: actor.via, requestId }
      await audit.together(async () => {
        const outcome = await repository.unlink(actor.userId, provider)
        if (outcome === 'missing') throw new NitroError('not_found', 'This service is not connected')
        if (outcome === 'last') {
          throw new NitroError(
            'conflict',
            'You sign in with this alone. Set a password or connect another service first, then disconnect it.',
          )
        }
        await audit.recordPerson(actor.userId, arrival, { action: 'identity.disconnect', facts: { provider } })
      })
      onChange(actor.userId)
    },
  }
}

function requireSession({ via }: Call['actor']): void {
  if (via !== 'session') {
    throw new NitroError('forbidden', 'Other services are connected by whoever is signed in to the web app')
  }
}
