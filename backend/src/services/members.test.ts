import type { Role } from '@nitroagi/shared/identity'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import type { MembersRepository, Standing, Standings } from '../ports/database/members-port.ts'
import type { AuditEvent } from './audit.ts'
import { createMembers } from './members.ts'

type Rows = Record<string, Standing>
type Decide = Parameters<MembersRepository['change']>[2]
const as = (role: Role, isSuspended = false): Standing => ({ role, isSuspended })

/** A workspace in memory, with the rights that its rows give at the moment, whatever a caller says of itself. */
function open(rows: Rows) {
  const told = { events: [] as Omit<AuditEvent, 'targetId'>[], changed: [] as string[], after: [] as string[] }
  const standings = (actorId: string, targetId: string): Standings => ({
    actor: rows[actorId],
    target: rows[targetId],
    otherOwners: Object.entries(rows).filter(
      ([id, { role, isSuspended }]) => role === 'owner' && !isSuspended && id !== targetId,
    ).length,
  })
  const repository = {
    list: async () =>
      Object.entries(rows).map(([userId, { role, isSuspended }]) => ({
        userId,
        email: `${userId}@example.com`,
        name: null,
        role,
        suspendedAt: isSuspended ? '2026-11-22T00:00:00.000Z' : null,
        joinedAt: '2026-11-01T00:00:00.000Z',
      })),
    async change({ actor }: Call, userId: string, decide: Decide) {
      const { role, suspended } = decide(standings(actor.userId, userId))
      const before = rows[userId]!
      rows[userId] = { role: role ?? before.role, isSuspended: suspended ?? before.isSuspended }
    },
    async remove({ actor }: Call, userId: string, check: (now: Standings) => void) {
      check(standings(actor.userId, userId))
      delete rows[userId]
      return { workspaceId: actor.workspaceId, conversationIds: [], activeRunIds: [] }
    },
  } as unknown as MembersRepository
  const audit = {
    together: <Result>(work: () => Promise<Result>) => work(),
    record: async (_: unknown, { targetId, ...event }: AuditEvent) => void told.events.push(event),
  }
  const members = createMembers({
    members: repository,
    removal: { forget: async () => void told.after.push('forgotten') },
    attachments: { clear: async () => void told.after.push('attachments cleared') },
    audit,
    onChange: (userId) => told.changed.push(userId),
  })
  /** As who was an owner when the request came in. */
  const by = (userId: string, more: Partial<Call['actor']> = {}): Call => {
    const call = testCall({ userId })
    return { ...call, actor: { ...call.actor, ...more } }
  }
  return { rows, told, members, by }
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
const roles: Role[] = ['owner', 'admin', 'editor', 'member', 'viewer']
const below = (role: Role) => roles.slice(roles.indexOf(role) + 1)

describe('who may change whom', () => {
  it('is by rank as it is now: owners anybody, admins those below them, and nobody else anybody', async () => {
    for (const own of roles) {
      for (const theirs of roles) {
        const may = own === 'owner' || (own === 'admin' && below(own).includes(theirs))
        const expected = may ? 'done' : 'forbidden'
        const team = () => open({ ada: as(own), bob: as(theirs), owner: as('owner') })
        const suspending = team()
        const suspend = suspending.members.change(suspending.by('ada'), 'bob', { suspended: true })
        expect([own, theirs, await outcome(suspend)]).toEqual([own, theirs, expected])
        const demoting = team()
        const demote = demoting.members.change(demoting.by('ada'), 'bob', { role: 'viewer' })
        expect([own, theirs, await outcome(demote)]).toEqual([own, theirs, expected])
        const removing = team()
        const remove = removing.members.remove(removing.by('ada'), 'bob')
        expect([own, theirs, await outcome(remove)]).toEqual([own, theirs, expected])
        expect('bob' in removing.rows).toBe(!may)
      }
    }
  })

  it('gives no role above one’s own', async () => {
    for (const given of roles) {
      const { members, by, rows } = open({ ada: as('admin'), bob: as('member'), owner: as('owner') })
      const given_ = await outcome(members.change(by('ada'), 'bob', { role: given }))
      expect([given, given_]).toEqual([given, given === 'owner' ? 'forbidden' : 'done'])
      expect(rows['bob']!.role).toBe(given === 'owner' ? 'member' : given)
    }
    const { members, by, rows } = open({ ada: as('owner'), bob: as('member') })
    await members.change(by('ada'), 'bob', { role: 'owner' })
    expect(rows['bob']!.role).toBe('owner')
  })

  it('is nobody who is suspended, or gone, whatever they were when they asked', async () => {
    for (const ada of [as('owner', true), undefined]) {
      const rows: Rows = { bob: as('member'), owner: as('owner'), ...(ada ? { ada } : {}) }
      const { members, by, told } = open(rows)
      expect(await outcome(members.change(by('ada'), 'bob', { role: 'viewer' }))).toBe('forbidden')
      expect(await outcome(members.change(by('ada'), 'ada', { suspended: false }))).toBe('forbidden')
      expect(await outcome(members.remove(by('ada'), 'bob'))).toBe('forbidden')
      expect([told.events, told.changed, told.after]).toEqual([[], [], []])
    }
  })

  it('finds nobody of another workspace, and says so no sooner than to who may ask', async () => {
    const { members, by } = open({ ada: as('owner'), eve: as('viewer') })
    expect(await outcome(members.change(by('ada'), 'stranger', { role: 'viewer' }))).toBe('not_found')
    expect(await outcome(members.remove(by('ada'), 'stranger'))).toBe('not_found')
    expect(await outcome(members.change(by('eve'), 'stranger', { role: 'viewer' }))).toBe('forbidden')
    expect(await outcome(members.remove(by('eve'), 'stranger'))).toBe('forbidden')
  })

  it('needs something to change', async () => {
    const { members, by, told } = open({ ada: as('owner'), bob: as('member') })
    expect(await outcome(members.change(by('ada'), 'bob', {}))).toBe('invalid_input')
    expect(told.changed).toEqual([])
  })
})

describe('the last owner', () => {
  it('stays one, and stays, while no other can act', async () => {
    const { members, by } = open({ ada: as('owner'), bob: as('owner', true), eve: as('admin') })
    expect(await outcome(members.change(by('ada'), 'ada', { role: 'admin' }))).toBe('conflict')
    expect(await outcome(members.remove(by('ada'), 'ada'))).toBe('conflict')
    expect(await outcome(members.change(by('ada'), 'ada', { role: 'owner' }))).toBe('done')
    expect(await outcome(members.change(by('ada'), 'bob', { suspended: false }))).toBe('done')
    expect(await outcome(members.remove(by('ada'), 'ada'))).toBe('done')
  })

  it('is not suspended by a suspended one, and one of two may be', async () => {
    const { members, by } = open({ ada: as('owner'), bob: as('owner') })
    expect(await outcome(members.change(by('ada'), 'ada', { suspended: true }))).toBe('conflict')
    expect(await outcome(members.change(by('ada'), 'bob', { suspended: true }))).toBe('done')
    expect(await outcome(members.change(by('bob'), 'ada', { suspended: true }))).toBe('forbidden')
  })

  it('may say that they are not suspended, and keeps nobody else from leaving', async () => {
    const { members, by } = open({ ada: as('owner'), bob: as('member') })
    expect(await outcome(members.change(by('ada'), 'ada', { suspended: false }))).toBe('done')
    const without = open({ ada: as('owner', true), bob: as('member') })
    expect(await outcome(without.members.remove(without.by('bob'), 'bob'))).toBe('done')
  })
})

describe('leaving', () => {
  it('is for whoever is signed in, of any rank, and for no key, ticket or job in their name', async () => {
    for (const via of ['session', 'operator', 'api-key', 'ticket', 'service', 'job'] as const) {
      const { members, by, rows, told } = open({ ada: as('viewer'), owner: as('owner') })
      const may = via === 'session' || via === 'operator'
      const left = await outcome(members.remove(by('ada', { via, role: 'viewer', scopes: ['read', 'admin'] }), 'ada'))
      expect([via, left, 'ada' in rows]).toEqual([via, may ? 'done' : 'forbidden', !may])
      const after = ['forgotten', 'attachments cleared']
      expect([told.changed, told.after]).toEqual(may ? [['ada'], after] : [[], []])
    }
  })

  it('is told from being taken out, which needs the right to', async () => {
    const { members, by, told } = open({ ada: as('owner'), bob: as('editor'), eve: as('member') })
    expect(await outcome(members.remove(by('ada', { scopes: ['read', 'chat'] }), 'bob'))).toBe('forbidden')
    await members.remove(by('ada', { via: 'api-key', scopes: ['admin'] }), 'bob')
    await members.remove(by('eve', { scopes: ['read'] }), 'eve')
    expect(told.events).toEqual([
      { action: 'member.remove', facts: { role: 'editor' } },
      { action: 'member.leave', facts: { role: 'member' } },
    ])
  })

  it('of who is suspended is leaving all the same', async () => {
    const { members, by, rows } = open({ ada: as('admin', true), owner: as('owner') })
    await members.remove(by('ada'), 'ada')
    expect(rows).not.toHaveProperty('ada')
  })
})

describe('what a change leaves behind', () => {
  it('is an entry for each thing that is other than it was, and rights that are looked up anew', async () => {
    const { members, by, told } = open({ ada: as('owner'), bob: as('member') })
    const changed = await members.change(by('ada'), 'bob', { role: 'editor', suspended: true })
    expect(changed).toMatchObject({ userId: 'bob', role: 'editor', suspendedAt: expect.any(String), isYou: false })
    expect(told.events).toEqual([
      { action: 'member.change', facts: { role: 'editor', roleBefore: 'member' } },
      { action: 'member.suspend' },
    ])
    told.events.length = 0
    await members.change(by('ada'), 'bob', { role: 'viewer' })
    expect(told.events).toEqual([{ action: 'member.change', facts: { role: 'viewer', roleBefore: 'editor' } }])
    await members.change(by('ada'), 'bob', { role: 'editor' })
    told.events.length = 0
    await members.change(by('ada'), 'bob', { role: 'editor', suspended: true })
    expect(told.events).toEqual([])
    await members.change(by('ada'), 'bob', { suspended: false })
    expect(told.events).toEqual([{ action: 'member.restore' }])
    expect(told.changed).toEqual(['bob', 'bob', 'bob', 'bob', 'bob'])
  })

  it('is nothing found when the member has gone meanwhile', async () => {
    const { members, by, rows } = open({ ada: as('owner'), bob: as('member') })
    const changing = members.change(by('ada'), 'bob', { suspended: true })
    delete rows['bob']
    expect(await outcome(changing)).toBe('not_found')
  })
})

it('shows everybody names and roles, and addresses only to who cares for the workspace', async () => {
  const { members, by } = open({ ada: as('viewer'), bob: as('owner') })
  const seen = async (call: Call) => (await members.list(call)).map(({ email, isYou }) => [email, isYou])
  expect(await seen(by('ada', { scopes: ['read', 'chat', 'knowledge'] }))).toEqual([
    ['ada@example.com', true],
    [null, false],
  ])
  expect(await seen(by('bob'))).toEqual([
    ['ada@example.com', false],
    ['bob@example.com', true],
  ])
})
