import { NitroError } from '@nitroagi/shared/errors'
import type { Registration, SignedIn } from '@nitroagi/shared/identity'
import type { SignInWithIdentity } from '@nitroagi/shared/second-factor'
import { describe, expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import { adaInLab } from '../../test/test-membership.ts'
import type { Call } from '../call.ts'
import type { Membership, Person } from '../ports/database/accounts-port.ts'
import type { IdentitiesRepository, MayJoin } from '../ports/database/identities-port.ts'
import { createIdentities } from './identities.ts'

const ada: Membership = { ...adaInLab, hasPassword: false }
const given: SignInWithIdentity = {
  provider: 'github',
  subject: '17',
  email: 'ada@example.com',
  isEmailVerified: true,
  name: 'Ada',
}
const linkTo = { userId: 'ada', workspaceId: 'w1', sessionId: 's1' }

function setUp() {
  const state = {
    owner: undefined as { userId: string; email: string } | undefined,
    person: { userId: 'ada', isSuspended: false, hasSecondFactor: false } as Person | undefined,
    membership: ada as Membership | undefined,
    mode: 'closed' as Registration['mode'],
    mayJoin: true,
    link: 'linked' as Awaited<ReturnType<IdentitiesRepository['link']>>,
    unlink: 'removed' as Awaited<ReturnType<IdentitiesRepository['unlink']>>,
    factor: undefined as NitroError | undefined,
  }
  const joined: MayJoin[] = []
  const vouched: unknown[] = []
  const demanded: unknown[] = []
  const said: string[] = []
  const changed: string[] = []
  const { audit, recorded } = createRecordedAudit()
  const identities = createIdentities({
    checkProof: async () => {},
    repository: {
      owner: async (provider, subject) => (provider === 'github' && subject === '17' ? state.owner : undefined),
      link: async () => state.link,
      async createAccount(person, may) {
        vouched.push(person)
        joined.push(may)
        return state.mayJoin
      },
      list: async () => [],
      unlink: async () => state.unlink,
    },
    accounts: {
      person: async () => state.person,
      membershipByEmail: async () => state.membership,
      membershipInSession: async () => state.membership,
    },
    audit,
    home: async (_person, known) => {
      if (!known) throw new NitroError('forbidden', 'Nowhere')
      return known
    },
    secondFactors: {
      async demand(who, code, { requestId }) {
        demanded.push({ ...who, requestId })
        said.push(`demand ${code}`)
        if (state.factor) throw state.factor
      },
    },
    lockOut: {
      async begin(email, address) {
        said.push(`begin ${email} ${address}`)
        return { succeed: async () => void said.push('succeed'), withdraw: async () => {} }
      },
      forget: async () => {},
    },
    registration: async () => state.mode,
    mayBeFirstOwner: (email) => email === 'ada@example.com',
    beginSession: async (membership) => ({ userId: membership.userId, sessionId: 'new' }) as SignedIn,
    onChange: (userId) => void changed.push(userId),
  })
  return { identities, state, joined, vouched, demanded, said, changed, recorded }
}

describe('somebody whom we know', () => {
  const known = { userId: 'ada', email: 'ada@example.com' }

  it('is signed in by what they are there, whatever address the service says', async () => {
    const { identities, state, joined } = setUp()
    state.owner = known
    const signedIn = await identities.signIn({ ...given, email: null, isEmailVerified: false })
    expect(signedIn).toEqual({ userId: 'ada', sessionId: 'new' })
    expect(joined).toEqual([])
  })

  it.each([undefined, { userId: 'ada', isSuspended: true, hasSecondFactor: false }])(
    'is kept out when they are gone or suspended: %o',
    async (person) => {
      const { identities, state } = setUp()
      state.owner = known
      state.person = person
      await expect(identities.signIn(given)).rejects.toMatchObject({ code: 'forbidden' })
    },
  )

  it('is asked for their second factor as well, and counted', async () => {
    const { identities, state, said, demanded } = setUp()
    state.owner = known
    state.person = { userId: 'ada', isSuspended: false, hasSecondFactor: true }
    await identities.signIn({ ...given, code: '123456' }, { address: '192.0.2.7', requestId: 'r1' })
    expect(demanded).toMatchObject([
      { userId: 'ada', email: 'ada@example.com', hasSecondFactor: true, requestId: 'r1' },
    ])
    expect(said).toEqual(['begin ada@example.com 192.0.2.7', 'demand 123456', 'succeed'])
    state.factor = new NitroError('second_factor_required', 'No')
    await expect(identities.signIn(given)).rejects.toMatchObject({ code: 'second_factor_required' })
    expect(said.slice(3)).toEqual(['begin ada@example.com undefined', 'demand undefined'])
  })

  it('is asked for nothing more without one', async () => {
    const { identities, state, said } = setUp()
    state.owner = known
    await identities.signIn(given)
    expect(said).toEqual([])
  })
})

describe('somebody new', () => {
  it.each([
    { email: null, isEmailVerified: true },
    { email: 'ada@example.com', isEmailVerified: false },
  ])('finds nothing out with an address that nobody vouches for: %o', async (claims) => {
    const { identities, state, joined } = setUp()
    state.mode = 'open'
    await expect(identities.signIn({ ...given, ...claims })).rejects.toMatchObject({ code: 'identity_unverified' })
    expect(joined).toEqual([])
  })

  it.each<[Registration['mode'], string, MayJoin]>([
    ['open', 'ada@example.com', 'open'],
    ['open', 'bob@example.com', 'open'],
    ['first-owner', 'ada@example.com', 'first-owner'],
    ['first-owner', 'bob@example.com', 'invited'],
    ['closed', 'ada@example.com', 'invited'],
  ])('may join as registration says: %s, %s', async (mode, email, may) => {
    const { identities, state, joined, vouched, recorded } = setUp()
    state.mode = mode
    expect(await identities.signIn({ ...given, email })).toEqual({ userId: 'ada', sessionId: 'new' })
    expect(joined).toEqual([may])
    expect(vouched).toEqual([{ provider: 'github', subject: '17', email, name: 'Ada' }])
    expect(recorded).toEqual([{ of: 'ada', action: 'user.create', facts: { provider: 'github' } }])
  })

  it('is not let in when nothing lets them in', async () => {
    const { identities, state, recorded } = setUp()
    state.mayJoin = false
    await expect(identities.signIn(given)).rejects.toMatchObject({ code: 'registration_closed' })
    expect(recorded).toEqual([])
  })

  it('is let in nowhere when their account is gone at this moment', async () => {
    const { identities, state } = setUp()
    state.membership = undefined
    await expect(identities.signIn(given)).rejects.toThrow('missing')
  })
})

describe('connecting a service', () => {
  it('is one more way into the account of that session, which goes on', async () => {
    const { identities, changed, recorded } = setUp()
    const { suspended: _, createdAt: __, ...account } = ada
    expect(await identities.signIn({ ...given, linkTo })).toEqual({ ...account, sessionId: 's1' })
    expect(changed).toEqual(['ada'])
    expect(recorded).toEqual([{ of: 'ada', action: 'identity.connect', facts: { provider: 'github' } }])
  })

  it.each([
    ['taken', 'identity_taken'],
    ['other', 'conflict'],
  ] as const)('is refused when it is %s', async (link, code) => {
    const { identities, state, changed, recorded } = setUp()
    state.link = link
    await expect(identities.signIn({ ...given, linkTo })).rejects.toMatchObject({ code })
    expect([changed, recorded]).toEqual([[], []])
  })

  it.each([undefined, { ...ada, suspended: true }])('needs a session that is still good: %o', async (membership) => {
    const { identities, state, changed } = setUp()
    state.membership = membership
    await expect(identities.signIn({ ...given, linkTo })).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(changed).toEqual([])
  })
})

describe('disconnecting a service', () => {
  it('counts at once', async () => {
    const { identities, changed, recorded } = setUp()
    const call = testCall()
    await identities.disconnect(call, 'github')
    expect(changed).toEqual([call.actor.userId])
    expect(recorded).toMatchObject([{ action: 'identity.disconnect', facts: { provider: 'github' } }])
  })

  it.each([
    ['missing', 'not_found'],
    ['last', 'conflict'],
  ] as const)('is refused when it is %s', async (unlink, code) => {
    const { identities, state, changed, recorded } = setUp()
    state.unlink = unlink
    await expect(identities.disconnect(testCall(), 'github')).rejects.toMatchObject({ code })
    expect([changed, recorded]).toEqual([[], []])
  })

  it('is for whoever is signed in, as is looking', async () => {
    const { identities, changed } = setUp()
    const call = testCall()
    const key: Call = { ...call, actor: { ...call.actor, via: 'api-key' } }
    await expect(identities.disconnect(key, 'github')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(identities.list(key)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await identities.list(call)).toEqual([])
    expect(changed).toEqual([])
  })
})
