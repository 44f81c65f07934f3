import { describe, expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { adaInLab as ada } from '../../test/test-membership.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { Membership } from '../ports/database/accounts-port.ts'
import type { Joined } from '../ports/database/invitations-port.ts'
import { createArrivals } from './arrivals.ts'

const person = { userId: 'ada' }
const account = { email: 'ada@example.com', passwordHash: 'hash' }
const joinedOne: Joined & { userId: string } = {
  userId: 'ada',
  workspaceId: 'w1',
  workspaceName: 'Lab',
  role: 'member',
  invitationId: 'i1',
}
const join = { action: 'member.join', targetId: 'ada', facts: { role: 'member', invitationId: 'i1' } }

function setUp() {
  const state = {
    isOpen: false,
    membership: ada as Membership | undefined,
    found: { email: null } as { email: string | null } | undefined,
    outcome: joinedOne as Joined | 'closed' | 'other-address',
    named: undefined as Joined | undefined,
  }
  const changed: string[] = []
  const tokens: string[] = []
  const { audit, recorded, callers } = createRecordedAudit()
  const open = <Result>(hash: string, result: Result) => {
    tokens.push(hash)
    return result
  }
  const invitations = {
    find: async (hash: string) => open(hash, state.found),
    accept: async (hash: string) => open(hash, state.outcome),
    acceptNamed: async () => state.named,
    signUp: async (hash: string) => open(hash, state.outcome),
  } as unknown as Parameters<typeof createArrivals>[0]['invitations']
  const arrivals = createArrivals({
    accounts: {
      membership: async () => state.membership,
      create: async () => ada,
      createWorkspaceFor: async () => ({ ...ada, workspaceId: 'own' }),
    },
    invitations,
    installation: { registration: async () => (state.isOpen ? 'open' : 'invitation') },
    audit,
    onChange: (userId) => void changed.push(userId),
  })
  return { arrivals, state, changed, tokens, recorded, callers }
}

describe('an invitation', () => {
  it('is looked at before anything costly is done for it', async () => {
    const { arrivals, state, tokens } = setUp()
    await arrivals.check('token', 'ada@example.com')
    state.found = { email: 'ada@example.com' }
    await arrivals.check('token', 'ada@example.com')
    await expect(arrivals.check('token', 'bob@example.com')).rejects.toMatchObject({ code: 'forbidden' })
    state.found = undefined
    await expect(arrivals.check('token', 'ada@example.com')).rejects.toMatchObject({ code: 'link_expired' })
    expect(new Set(tokens)).toEqual(new Set([hashSecret('token')]))
  })

  it('lets somebody new in, once', async () => {
    const { arrivals, state, changed, recorded, callers, tokens } = setUp()
    expect(await arrivals.signUpInvited('token', account)).toEqual(ada)
    expect(callers).toEqual([{ userId: 'ada', workspaceId: 'w1', role: 'member', via: 'service', scopes: [] }])
    expect([changed, recorded, tokens]).toEqual([['ada'], [join], [hashSecret('token')]])
    state.outcome = 'closed'
    await expect(arrivals.signUpInvited('token', account)).rejects.toMatchObject({ code: 'link_expired' })
    state.outcome = 'other-address'
    await expect(arrivals.signUpInvited('token', account)).rejects.toMatchObject({ code: 'forbidden' })
    expect([changed.length, recorded.length]).toEqual([1, 1])
  })

  it('leads nowhere when they were taken out again at this moment', async () => {
    const { arrivals, state, changed } = setUp()
    state.membership = undefined
    await expect(arrivals.signUpInvited('token', account)).rejects.toMatchObject({ code: 'link_expired' })
    expect(changed).toEqual([])
  })

  it('leads who has an account into its workspace, wherever they are already', async () => {
    const { arrivals, changed, recorded } = setUp()
    expect(await arrivals.home(person, { ...ada, workspaceId: 'w0' }, 'token')).toEqual(ada)
    expect([changed, recorded]).toEqual([['ada'], [join]])
  })

  it.each(['closed', 'other-address'] as const)(
    'that is of no use keeps nobody out of where they are: %s',
    async (outcome) => {
      const { arrivals, state, changed } = setUp()
      state.outcome = outcome
      expect(await arrivals.home(person, ada, 'token')).toEqual(ada)
      await expect(arrivals.home(person, undefined, 'token')).rejects.toMatchObject({
        code: outcome === 'closed' ? 'link_expired' : 'forbidden',
        message: expect.stringContaining('This invitation') as string,
      })
      await expect(arrivals.home(person, { ...ada, suspended: true }, 'token')).rejects.toMatchObject({
        code: 'forbidden',
      })
      expect(changed).toEqual([])
    },
  )
})

describe('somebody without an invitation at hand', () => {
  it('goes on where they are, unless they are suspended there', async () => {
    const { arrivals, tokens, recorded } = setUp()
    expect(await arrivals.home(person, ada)).toEqual(ada)
    await expect(arrivals.home(person, { ...ada, suspended: true })).rejects.toMatchObject({ code: 'forbidden' })
    expect([tokens, recorded]).toEqual([[], []])
  })

  it('goes where their address was invited, when they are nowhere', async () => {
    const { arrivals, state, changed, recorded } = setUp()
    state.named = joinedOne
    expect(await arrivals.home(person, undefined)).toEqual(ada)
    expect([changed, recorded]).toEqual([['ada'], [join]])
  })

  it('gets a workspace of their own where anybody could, and nothing elsewhere', async () => {
    const { arrivals, state, recorded } = setUp()
    await expect(arrivals.home(person, undefined)).rejects.toMatchObject({ code: 'forbidden' })
    expect(recorded).toEqual([])
    state.isOpen = true
    expect(await arrivals.home(person, undefined)).toMatchObject({ workspaceId: 'own' })
    expect(recorded).toEqual([{ action: 'workspace.create', targetId: 'own' }])
  })
})

it('gives who signs up by themselves a workspace of their own', async () => {
  const { arrivals, state, recorded } = setUp()
  expect(await arrivals.signUpOpen(account)).toEqual(ada)
  expect(recorded).toEqual([{ action: 'workspace.create', targetId: 'w1' }])
  expect(await arrivals.isOpen()).toBe(false)
  state.isOpen = true
  expect(await arrivals.isOpen()).toBe(true)
})
