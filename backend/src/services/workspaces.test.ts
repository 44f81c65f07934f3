import type { Role } from '@nitroagi/shared/identity'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Actor, Call } from '../call.ts'
import type { WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { AuditEvent } from './audit.ts'
import { createWorkspaces } from './workspaces.ts'

interface Row {
  id: string
  name: string
  role: Role
}

/** The workspaces of one person in memory, and what is told of them. */
function open(rows: Row[], { registration = 'invitation' as 'invitation' | 'open', hide = 'hidden' as const } = {}) {
  const state = { hide: hide as 'hidden' | 'not-owner' | 'first', registration, hasSecondFactor: true }
  const told: string[] = []
  const repository = {
    list: async () => rows.map((row) => ({ ...row, memberCount: 1 })),
    async create(_: string, name: string, atMost: number) {
      if (rows.filter(({ role }) => role === 'owner').length >= atMost) return undefined
      rows.push({ id: `made ${name}`, name, role: 'owner' })
      return { ...rows.at(-1)!, memberCount: 1 }
    },
    async rename(workspaceId: string, name: string) {
      const row = rows.find(({ id }) => id === workspaceId)
      if (row) row.name = name
    },
    requireSecondFactor: async (workspaceId: string, _: string, isOn: boolean) => (
      told.push(`a second factor in ${workspaceId}: ${isOn}`),
      state.hasSecondFactor
    ),
    hide: async () => (told.push('asked to hide'), state.hide),
  } as unknown as WorkspacesRepository
  const workspaces = createWorkspaces({
    workspaces: repository,
    installation: { registration: async () => state.registration },
    removal: { begin: async (workspaceId) => void told.push(`cleared away: ${workspaceId}`) },
    audit: {
      together: <Result>(work: () => Promise<Result>) => work(),
      record: async (_: unknown, { action, targetId, workspaceId }: AuditEvent) =>
        void told.push([action, targetId, ...(workspaceId ? [`in ${workspaceId}`] : [])].join(' ')),
    } as Parameters<typeof createWorkspaces>[0]['audit'],
    onChange: (workspaceId) => told.push(`changed: ${workspaceId}`),
  })
  const by = (more: Partial<Actor> = {}): Call => {
    const call = testCall({ workspaceId: 'home' })
    return { ...call, actor: { ...call.actor, ...more } }
  }
  return { rows, state, told, workspaces, by }
}

const home = (role: Role = 'owner'): Row => ({ id: 'home', name: 'Home', role })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
const doors = ['session', 'operator', 'api-key', 'ticket', 'service', 'job'] as const

describe('a key that leaked', () => {
  it.each(doors)('lists, makes and ends workspaces by no other door than a sign-in: %s', async (via) => {
    const may = via === 'session' || via === 'operator'
    const { workspaces, by, told } = open([home()])
    const expected = may ? 'done' : 'forbidden'
    expect(await codeOf(workspaces.list(by({ via })))).toBe(expected)
    expect(await codeOf(workspaces.create(by({ via }), { name: 'New' }))).toBe(expected)
    expect(await codeOf(workspaces.delete(by({ via }), { name: 'Home' }))).toBe(expected)
    if (!may) expect(told).toEqual([])
  })
})

describe('a new workspace', () => {
  it('is made by who owns one, or by anybody where registration is open', async () => {
    for (const role of ['owner', 'admin', 'viewer'] as const) {
      const { workspaces, by, state, told, rows } = open([home(role)])
      const closed = await codeOf(workspaces.create(by(), { name: 'New' }))
      expect([role, closed]).toEqual([role, role === 'owner' ? 'done' : 'registration_closed'])
      expect(rows).toHaveLength(role === 'owner' ? 2 : 1)
      state.registration = 'open'
      expect(await workspaces.create(by(), { name: 'Newer' })).toMatchObject({
        id: 'made Newer',
        name: 'Newer',
        role: 'owner',
        memberCount: 1,
        isCurrent: false,
      })
      expect(told.at(-1)).toBe('workspace.create made Newer in made Newer')
    }
  })

  it('is made by who owns one of several, and by nobody who is in none', async () => {
    const { workspaces, by } = open([{ id: 'other', name: 'Other', role: 'viewer' }, home()])
    expect(await codeOf(workspaces.create(by(), { name: 'New' }))).toBe('done')
    expect(await codeOf(open([]).workspaces.create(by(), { name: 'New' }))).toBe('registration_closed')
  })

  it('is the twentieth that somebody owns at most', async () => {
    const { workspaces, by, told } = open(Array.from({ length: 19 }, (_, at) => ({ ...home(), id: `${at}` })))
    expect(await codeOf(workspaces.create(by(), { name: 'Twentieth' }))).toBe('done')
    expect(await codeOf(workspaces.create(by(), { name: 'Too many' }))).toBe('conflict')
    expect(told).toHaveLength(1)
  })
})

it('says which of them one is in', async () => {
  const { workspaces, by } = open([home(), { id: 'other', name: 'Other', role: 'viewer' }])
  expect((await workspaces.list(by())).map(({ id, isCurrent }) => [id, isCurrent])).toEqual([
    ['home', true],
    ['other', false],
  ])
})

describe('a name', () => {
  it.each(['owner', 'admin', 'editor', 'member', 'viewer'] as const)(
    'is given by owners and admins: %s',
    async (role) => {
      const { workspaces, by, rows, told } = open([{ id: 'other', name: 'Other', role: 'owner' }, home(role)])
      const may = role === 'owner' || role === 'admin'
      expect(await codeOf(workspaces.rename(by({ role }), { name: 'Away' }))).toBe(may ? 'done' : 'forbidden')
      expect(rows.map(({ name }) => name)).toEqual(['Other', may ? 'Away' : 'Home'])
      expect(told.toSorted()).toEqual(may ? ['changed: home', 'workspace.rename home'] : [])
    },
  )

  it('is handed back as it is now, and not at all of a workspace that is gone', async () => {
    const { workspaces, by } = open([{ id: 'other', name: 'Other', role: 'owner' }, home()])
    expect(await workspaces.rename(by(), { name: 'Away' })).toMatchObject({ id: 'home', name: 'Away', isCurrent: true })
    expect(await codeOf(open([]).workspaces.rename(by(), { name: 'Away' }))).toBe('not_found')
  })
})

describe('a second factor', () => {
  it.each(['owner', 'admin', 'editor', 'member', 'viewer'] as const)(
    'is asked of all by owners and admins: %s',
    async (role) => {
      const { workspaces, by, told } = open([home(role)])
      const may = role === 'owner' || role === 'admin'
      const asked = await codeOf(workspaces.change(by({ role }), { requiresSecondFactor: true }))
      expect(asked).toBe(may ? 'done' : 'forbidden')
      const noted = ['a second factor in home: true', 'changed: home', 'workspace.second-factor home']
      expect(told.toSorted()).toEqual(may ? noted : [])
    },
  )

  it.each(doors)('is asked by no other door than a sign-in: %s', async (via) => {
    const may = via === 'session' || via === 'operator'
    const { workspaces, by, told } = open([home()])
    const asked = await codeOf(workspaces.change(by({ via }), { requiresSecondFactor: false }))
    expect([asked, told.length]).toEqual(may ? ['done', 3] : ['forbidden', 0])
  })

  it('is asked by nobody who has none, and then nothing is noted', async () => {
    const { workspaces, by, state, told } = open([home()])
    state.hasSecondFactor = false
    expect(await codeOf(workspaces.change(by(), { requiresSecondFactor: true }))).toBe('conflict')
    expect(told).toEqual(['a second factor in home: true'])
  })

  it('is asked together with a name, or either alone, and something has to be', async () => {
    const { workspaces, by, rows, told } = open([{ id: 'other', name: 'Other', role: 'owner' }, home()])
    expect(await workspaces.change(by(), { requiresSecondFactor: true })).toMatchObject({ id: 'home', name: 'Home' })
    expect(await workspaces.change(by(), { name: 'Away' })).toMatchObject({ id: 'home', name: 'Away' })
    expect(told.filter((line) => line.startsWith('a second factor'))).toHaveLength(1)
    const both = { name: 'Back', requiresSecondFactor: false }
    expect(await workspaces.change(by(), both)).toMatchObject({ id: 'home', name: 'Back', isCurrent: true })
    expect(rows.map(({ name }) => name)).toEqual(['Other', 'Back'])
    expect(await codeOf(workspaces.change(by(), {}))).toBe('invalid_input')
    expect(await codeOf(open([]).workspaces.change(by(), { requiresSecondFactor: true }))).toBe('not_found')
  })
})

describe('the end of a workspace', () => {
  it('needs its own name, typed as it is', async () => {
    const { workspaces, by, told } = open([{ id: 'other', name: 'Other', role: 'owner' }, home()])
    for (const name of ['home', 'Home ', 'Other', '']) {
      expect(await codeOf(workspaces.delete(by(), { name }))).toBe('invalid_input')
    }
    expect(await codeOf(workspaces.delete(by({ workspaceId: 'gone' }), { name: 'Home' }))).toBe('invalid_input')
    expect(told).toEqual([])
  })

  it.each([
    ['not-owner', 'forbidden'],
    ['first', 'conflict'],
  ] as const)('does not come when the rows say %s', async (hide, code) => {
    const { workspaces, by, state, told } = open([home()])
    state.hide = hide
    expect(await codeOf(workspaces.delete(by(), { name: 'Home' }))).toBe(code)
    expect(told).toEqual(['asked to hide'])
  })

  it('is known at once to all that know it, and what it held is cleared away', async () => {
    const { workspaces, by, told } = open([home()])
    await workspaces.delete(by(), { name: 'Home' })
    expect(told).toEqual(['asked to hide', 'changed: home', 'cleared away: home'])
  })
})
