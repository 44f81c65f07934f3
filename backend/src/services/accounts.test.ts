import { NitroError } from '@nitroagi/shared/errors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import { adaInLab as ada } from '../../test/test-membership.ts'
import { silentLog } from '../log.ts'
import type { AccountsRepository, Membership, NewAccount, Person } from '../ports/database/accounts-port.ts'
import type { BeginSession, SessionsRepository } from '../ports/database/sessions-port.ts'
import { createAccounts } from './accounts.ts'
import type { Arrivals } from './arrivals.ts'

const credentials = { email: 'ada@example.com', password: 'right' }

function setUp(settings: { isFirstOwnerOpen?: boolean; ownerEmail?: string } = {}) {
  const state = {
    membership: ada as Membership | undefined,
    person: { userId: 'ada', isSuspended: false, hasSecondFactor: false } as Person | undefined,
    hash: 'hash of right' as string | undefined,
    hasUsers: true,
    isOpen: false,
    firstOwner: ada as Membership | undefined,
    factor: undefined as NitroError | undefined,
    tooMany: [] as string[],
    seenFails: false,
  }
  const said: string[] = []
  const created: NewAccount[] = []
  const begun: BeginSession[] = []
  const demanded: unknown[] = []
  let lookups = 0
  const repository = {
    membership: async () => {
      lookups++
      return state.membership
    },
    membershipInSession: async (_user: string, _workspace: string, sessionId: string) =>
      sessionId === 's1' ? state.membership : undefined,
    membershipByEmail: async (email: string) => (email === 'ada@example.com' ? state.membership : undefined),
    firstOwner: async () => state.firstOwner,
    person: async () => state.person,
    passwordHash: async () => state.hash,
    hasUsers: async () => state.hasUsers,
    async createFirstOwner(account: NewAccount) {
      created.push(account)
      return state.firstOwner
    },
  } as unknown as AccountsRepository
  const sessions = {
    async begin(session: BeginSession) {
      begun.push(session)
      return 's1'
    },
    async seen(id: string) {
      said.push(`seen ${id}`)
      if (state.seenFails) throw new Error('away')
    },
    endBeyond: async () => state.tooMany,
  } as unknown as SessionsRepository
  const arrivals: Arrivals = {
    isOpen: async () => state.isOpen,
    async check(token) {
      if (token !== 'good') throw new NitroError('link_expired', 'Spent')
    },
    async signUpInvited(_token, account) {
      created.push(account)
      return ada
    },
    async signUpOpen(account) {
      created.push(account)
      return ada
    },
    home: async (_person, known, token) => {
      said.push(`home ${token}`)
      return known!
    },
  }
  const { audit, recorded, actions } = createRecordedAudit()
  const warned: string[] = []
  const accounts = createAccounts({
    log: { ...silentLog, warn: (event: string) => void warned.push(event) },
    audit,
    repository,
    sessions,
    lockOut: {
      async begin(email, address) {
        said.push(`begin ${email} ${address}`)
        return { succeed: async () => void said.push('succeed'), withdraw: async () => {} }
      },
      forget: async () => {},
    },
    secondFactors: {
      async demand(who, code, { requestId }) {
        demanded.push({ ...who, requestId })
        said.push(`demand ${code}`)
        if (state.factor) throw state.factor
      },
    },
    arrivals,
    passwords: {
      hash: async (password) => {
        said.push('hash')
        return `hash of ${password}`
      },
      matches: async (hash, password) => {
        said.push('match')
        return hash === `hash of ${password}`
      },
    },
    isFirstOwnerOpen: settings.isFirstOwnerOpen ?? false,
    ownerEmail: settings.ownerEmail,
    sessionDays: { days: 30, idleDays: 7 },
  })
  return { accounts, state, said, created, begun, demanded, recorded, actions, warned, lookups: () => lookups }
}

const who = { userId: 'ada', workspaceId: 'w1' }

describe('who somebody is', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  it('is what the database says, for at most four seconds', async () => {
    const { accounts, state, lookups } = setUp()
    expect(await accounts.actor(who)).toEqual({
      ...who,
      role: 'member',
      via: 'session',
      scopes: ['read', 'chat', 'knowledge'],
    })
    state.membership = { ...ada, role: 'viewer' }
    vi.setSystemTime(Date.now() + 3_999)
    expect((await accounts.actor(who)).role).toBe('member')
    expect(lookups()).toBe(1)
    vi.setSystemTime(Date.now() + 1)
    expect((await accounts.actor(who)).role).toBe('viewer')
  })

  it('is looked up anew when it has changed here: for them, or for all in their workspace', async () => {
    const { accounts, lookups } = setUp()
    await accounts.actor(who)
    accounts.forget('bob')
    accounts.forgetWorkspace('w2')
    await accounts.actor(who)
    expect(lookups()).toBe(1)
    accounts.forget('ada')
    await accounts.actor(who)
    expect(lookups()).toBe(2)
    accounts.forgetWorkspace('w1')
    await accounts.actor(who)
    expect(lookups()).toBe(3)
  })

  it.each([undefined, { ...ada, suspended: true }])(
    'is nobody when they are gone or suspended: %o',
    async (membership) => {
      const { accounts, state } = setUp()
      state.membership = membership
      await expect(accounts.actor(who)).rejects.toMatchObject({ code: 'unauthenticated' })
      await expect(accounts.actor({ ...who, sessionId: 's1' })).rejects.toMatchObject({ code: 'unauthenticated' })
    },
  )

  it('is said with the second factor that their workspace still waits for, and lasts nowhere without it', async () => {
    const { accounts, state } = setUp()
    expect(Object.keys(await accounts.actor(who))).not.toContain('needsSecondFactor')
    state.membership = { ...ada, needsSecondFactor: true }
    accounts.forget('ada')
    const actor = await accounts.actor(who)
    expect(actor.needsSecondFactor).toBe(true)
    await expect(accounts.current(actor)).rejects.toMatchObject({ code: 'second_factor_missing' })
  })

  it('holds for a session that can be used, whose use is noted once in a while', async () => {
    const { accounts, said } = setUp()
    expect(await accounts.actor({ ...who, sessionId: 's1' })).toMatchObject({ sessionId: 's1' })
    vi.setSystemTime(Date.now() + 10_000)
    await accounts.actor({ ...who, sessionId: 's1' })
    expect(said).toEqual(['seen s1'])
    await expect(accounts.actor({ ...who, sessionId: 's2' })).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(said).toEqual(['seen s1'])
  })

  it('keeps nobody out because a visit could not be noted', async () => {
    const { accounts, state, warned } = setUp()
    state.seenFails = true
    await accounts.actor({ ...who, sessionId: 's1' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(warned).toEqual(['visit-not-noted'])
  })

  it('is asked again for connections that last, which never gain a right', async () => {
    const { accounts, state } = setUp()
    const ticket = { ...who, role: 'owner', via: 'ticket', scopes: ['read', 'admin'] } as const
    expect(await accounts.current(ticket)).toEqual({ ...ticket, role: 'member', scopes: ['read'] })
    state.membership = { ...ada, suspended: true }
    accounts.forget('ada')
    await expect(accounts.current(ticket)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('the operator', () => {
  it('acts as the first owner, or as whom they name', async () => {
    const { accounts } = setUp()
    expect(await accounts.operatorActor()).toMatchObject({ userId: 'ada', via: 'operator' })
    expect(await accounts.operatorActor('ada@example.com')).toMatchObject({ userId: 'ada' })
  })

  it('acts as nobody while there is nobody', async () => {
    const { accounts, state } = setUp()
    state.firstOwner = undefined
    expect(await accounts.operatorActor()).toBeUndefined()
  })

  it('acts as nobody whom there is not, or who is suspended', async () => {
    const { accounts, state } = setUp()
    await expect(accounts.operatorActor('bob@example.com')).rejects.toMatchObject({ code: 'not_found' })
    state.membership = { ...ada, suspended: true }
    await expect(accounts.operatorActor('ada@example.com')).rejects.toMatchObject({ code: 'forbidden' })
  })
})

it('tells somebody who they are, and nothing that is not theirs to know', async () => {
  const { accounts, state } = setUp()
  const call = testCall()
  const me = await accounts.me(call)
  expect(me).toMatchObject({ userId: 'ada', email: 'ada@example.com' })
  expect(Object.keys(me)).not.toContain('suspended')
  expect(Object.keys(me)).not.toContain('createdAt')
  state.membership = undefined
  accounts.forget('ada')
  await expect(accounts.me(call)).rejects.toMatchObject({ code: 'not_found' })
})

describe('signing in', () => {
  it('begins a session, with the password and what else is asked for', async () => {
    const { accounts, said, recorded, begun, demanded } = setUp()
    const visitor = { address: '192.0.2.7', userAgent: 'A browser', requestId: 'r1' }
    const signedIn = await accounts.signIn({ ...credentials, code: '1', invitation: 'i' }, visitor)
    expect(signedIn).toMatchObject({ userId: 'ada', sessionId: 's1' })
    expect(said).toEqual(['begin ada@example.com 192.0.2.7', 'match', 'demand 1', 'succeed', 'home i'])
    expect(recorded).toEqual([{ of: 'ada', action: 'session.begin', targetId: 's1' }])
    const day = 24 * 60 * 60
    const { requestId, ...where } = visitor
    expect(begun).toEqual([{ userId: 'ada', seconds: 30 * day, idleSeconds: 7 * day, ...where }])
    expect(demanded).toMatchObject([{ userId: 'ada', email: 'ada@example.com', hasSecondFactor: false, requestId }])
  })

  it.each([
    ['a wrong password', 'hash of other'],
    ['an unknown address', undefined],
  ])('does as much, and says the same, for %s', async (_, hash) => {
    const { accounts, state, said, recorded } = setUp()
    state.hash = hash
    await expect(accounts.signIn(credentials)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'The e-mail address or the password is wrong',
    })
    expect(said).toEqual(['begin ada@example.com undefined', 'match'])
    expect(recorded).toEqual([{ of: 'ada@example.com', action: 'session.refuse', facts: { reason: 'password' } }])
  })

  it('is refused without the second factor, and the failure stays counted', async () => {
    const { accounts, state, said } = setUp()
    state.factor = new NitroError('second_factor_required', 'No')
    await expect(accounts.signIn(credentials)).rejects.toMatchObject({ code: 'second_factor_required' })
    expect(said).not.toContain('succeed')
  })

  it.each([undefined, { userId: 'ada', isSuspended: true, hasSecondFactor: false }])(
    'is refused to who is gone or suspended: %o',
    async (person) => {
      const { accounts, state, recorded } = setUp()
      state.person = person
      await expect(accounts.signIn(credentials)).rejects.toMatchObject({ code: 'forbidden' })
      expect(recorded).toEqual([])
    },
  )

  it('ends the sessions that are too many, and looks their rights up anew', async () => {
    const { accounts, state, recorded, lookups } = setUp()
    await accounts.actor(who)
    state.tooMany = ['old']
    await accounts.signIn(credentials)
    expect(recorded.slice(1)).toEqual([
      { of: 'ada', action: 'session.end', targetId: 'old', facts: { reason: 'too-many' } },
    ])
    await accounts.actor(who)
    expect(lookups()).toBe(2)
  })

  it('looks nothing up anew when none was too many', async () => {
    const { accounts, lookups } = setUp()
    await accounts.actor(who)
    await accounts.signIn(credentials)
    await accounts.actor(who)
    expect(lookups()).toBe(1)
  })
})

describe('signing up', () => {
  const wanted = { email: 'eve@example.com', password: 'long enough', name: 'Eve' }
  const mine = { isFirstOwnerOpen: true }
  const named = { ownerEmail: 'eve@example.com' }

  it.each<[string, Parameters<typeof setUp>[0], boolean, boolean, string]>([
    ['with people and an open door', {}, true, true, 'open'],
    ['with people and a closed one', mine, true, false, 'closed'],
    ['before anybody, on a machine of one’s own', mine, false, false, 'first-owner'],
    ['before anybody, with a named owner', named, false, false, 'first-owner'],
    ['before anybody, on a machine of others, though it is said to be open', {}, false, true, 'closed'],
  ])('is possible as the installation says: %s', async (_, settings, hasUsers, isOpen, mode) => {
    const { accounts, state } = setUp(settings)
    state.hasUsers = hasUsers
    state.isOpen = isOpen
    expect(await accounts.registrationMode()).toBe(mode)
  })

  it('is possible with an invitation that is good, whatever the door', async () => {
    const { accounts, created, said } = setUp()
    await expect(accounts.signUp({ ...wanted, invitation: 'bad' })).rejects.toMatchObject({ code: 'link_expired' })
    expect(said).toEqual([])
    await accounts.signUp({ ...wanted, invitation: 'good' })
    expect(created).toEqual([{ email: 'eve@example.com', name: 'Eve', passwordHash: 'hash of long enough' }])
  })

  it('is possible where the door is open', async () => {
    const { accounts, state, created } = setUp()
    state.isOpen = true
    expect(Object.keys(await accounts.signUp(wanted))).not.toContain('suspended')
    expect(created).toHaveLength(1)
  })

  it('is not possible where it is closed, and costs no hash', async () => {
    const { accounts, said } = setUp(mine)
    await expect(accounts.signUp(wanted)).rejects.toMatchObject({ code: 'registration_closed' })
    expect(said).toEqual([])
  })

  it('makes the first owner of who may be that, and of nobody who comes second', async () => {
    const first = setUp(named)
    first.state.hasUsers = false
    await first.accounts.signUp(wanted)
    expect(first.created).toHaveLength(1)
    await expect(first.accounts.signUp({ ...wanted, email: 'bob@example.com' })).rejects.toMatchObject({
      code: 'registration_closed',
    })
    expect(first.created).toHaveLength(1)
    first.state.firstOwner = undefined
    await expect(first.accounts.signUp(wanted)).rejects.toMatchObject({ code: 'registration_closed' })
  })

  it('knows who may be the first owner: the one who is named, else whoever comes first to a machine of one’s own', () => {
    expect(setUp(named).accounts.mayBeFirstOwner('eve@example.com')).toBe(true)
    expect(setUp({ ...mine, ...named }).accounts.mayBeFirstOwner('bob@example.com')).toBe(false)
    expect(setUp(mine).accounts.mayBeFirstOwner('bob@example.com')).toBe(true)
    expect(setUp().accounts.mayBeFirstOwner('bob@example.com')).toBe(false)
  })
})
