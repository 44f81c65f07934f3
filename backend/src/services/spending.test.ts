import type { Cap, Spent } from '@nitroagi/shared/spending'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import type { SpendingRepository, StoredCap } from '../ports/database/spending-port.ts'
import type { AuditEvent } from './audit.ts'
import { createSpending } from './spending.ts'

const spent = (usd: number): Spent => ({ usd, tokens: 1, reservedUsd: 0, reservedTokens: 0 })
const none: Cap = { usd: null, tokens: null }

/** Books in memory: Ada owns the workspace, Bob is in it, and there is a key. */
function open(caps: StoredCap[] = []) {
  const told: string[] = []
  const repository = {
    caps: async () => caps,
    async setCap(_: Call, kind: StoredCap['kind'], subjectId: string, cap: Cap | null) {
      if (!['w', 'ada', 'bob', 'k'].includes(subjectId)) return false
      const at = caps.findIndex((one) => one.kind === kind && one.subjectId === subjectId)
      if (at >= 0) caps.splice(at, 1)
      if (cap) caps.push({ kind, subjectId, ...cap })
      return true
    },
    overview: async () => ({
      workspace: spent(3),
      members: ['ada', 'bob'].map((userId) => ({
        userId,
        name: null,
        email: `${userId}@example.com`,
        spent: spent(1),
      })),
      keys: [{ keyId: 'k', name: 'script', prefix: 'nk_live_k', spent: spent(2) }],
    }),
    spent: async (_: unknown, month: string, kind: string, id: string) => (
      told.push(`${kind} ${id} in ${month}`),
      spent(7)
    ),
  } as unknown as SpendingRepository
  const spending = createSpending({
    repository,
    meter: {
      settled: async () => void told.push('settled'),
      month: () => '2026-11-01',
      forget: (workspaceId) => void told.push(`forgotten: ${workspaceId}`),
    },
    audit: {
      together: <Result>(work: () => Promise<Result>) => work(),
      record: async (_: unknown, { targetId, facts }: AuditEvent) =>
        void told.push(`noted of ${targetId}: ${Object.values(facts!).join(' ')}`),
    } as Parameters<typeof createSpending>[0]['audit'],
  })
  const call = testCall({ userId: 'ada', workspaceId: 'w' })
  const by = (role: Call['actor']['role'], more: Partial<Call['actor']> = {}) => ({
    ...call,
    actor: { ...call.actor, role, ...more },
  })
  return { told, caps, spending, by }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )

describe('what a workspace spends', () => {
  it.each(['owner', 'admin', 'editor', 'member', 'viewer'] as const)(
    'is for its owner and admins: %s',
    async (role) => {
      const { spending, by, told, caps } = open()
      const expected = role === 'owner' || role === 'admin' ? 'done' : 'forbidden'
      const cap = { usd: 1, tokens: null }
      expect(await codeOf(spending.overview(by(role)))).toBe(expected)
      expect(await codeOf(spending.change(by(role), { workspace: cap }))).toBe(expected)
      expect(await codeOf(spending.change(by(role), {}))).toBe(expected)
      expect(await codeOf(spending.capMember(by(role), 'bob', cap))).toBe(expected)
      expect(await codeOf(spending.capKey(by(role), 'k', cap))).toBe(expected)
      if (expected === 'forbidden') expect([told, caps]).toEqual([[], []])
    },
  )

  it('is shown with the cap of each, and everybody’s beside it', async () => {
    const { spending, by, told } = open([
      { kind: 'workspace', subjectId: 'w', usd: 9, tokens: null },
      { kind: 'member', subjectId: 'w', usd: null, tokens: 5 },
      { kind: 'user', subjectId: 'bob', usd: 0, tokens: 0 },
      { kind: 'key', subjectId: 'k', usd: 4, tokens: 4 },
      { kind: 'user', subjectId: 'k', usd: 1, tokens: 1 },
    ])
    const shown = await spending.overview(by('owner'))
    expect(shown).toMatchObject({
      month: '2026-11-01',
      workspace: { cap: { usd: 9, tokens: null }, spent: spent(3) },
      memberCap: { usd: null, tokens: 5 },
    })
    expect(shown.members.map(({ userId, cap }) => [userId, cap])).toEqual([
      ['ada', null],
      ['bob', { usd: 0, tokens: 0 }],
    ])
    expect(shown.keys.map(({ keyId, cap }) => [keyId, cap])).toEqual([['k', { usd: 4, tokens: 4 }]])
    // What this process still had to count is in it.
    expect(told).toEqual(['settled'])
    const bare = await open().spending.overview(by('owner'))
    expect([bare.workspace.cap, bare.memberCap]).toEqual([none, none])
  })
})

describe('a cap', () => {
  it('changes where it is named alone, holds at once, and is noted with what it was', async () => {
    const { spending, by, told, caps } = open([{ kind: 'workspace', subjectId: 'w', usd: 9, tokens: 1 }])
    await spending.change(by('admin'), { workspace: { usd: 2, tokens: null } })
    expect(told).toEqual(expect.arrayContaining(['noted of w: workspace 2  9 1', 'forgotten: w']))
    await spending.change(by('admin'), { member: { usd: null, tokens: 0 } })
    await spending.change(by('admin'), { workspace: { usd: 2, tokens: null } })
    expect(told).toEqual(expect.arrayContaining(['noted of w: member  0  ']))
    expect(caps).toEqual([
      { kind: 'member', subjectId: 'w', usd: null, tokens: 0 },
      { kind: 'workspace', subjectId: 'w', usd: 2, tokens: null },
    ])
  })

  it('of one member or one key is taken away with nothing', async () => {
    const { spending, by, told, caps } = open()
    const bob = (await spending.capMember(by('owner'), 'bob', { usd: 1, tokens: 2 })).members[1]
    expect(bob).toMatchObject({ userId: 'bob', cap: { usd: 1, tokens: 2 } })
    expect((await spending.capKey(by('owner'), 'k', { usd: 3, tokens: 4 })).keys[0]!.cap).toEqual({ usd: 3, tokens: 4 })
    expect(told).toEqual(expect.arrayContaining(['noted of bob: user 1 2  ', 'noted of k: key 3 4  ']))
    await spending.capMember(by('owner'), 'bob', null)
    expect(told).toContain('noted of bob: user   1 2')
    await spending.capKey(by('owner'), 'k', null)
    expect(caps).toEqual([])
  })

  it('is set for nobody of another workspace, and for no key of it', async () => {
    const { spending, by, told } = open()
    const cap = { usd: 1, tokens: null }
    await expect(spending.capMember(by('owner'), 'stranger', cap)).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no such member',
    })
    await expect(spending.capKey(by('owner'), 'stranger', cap)).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no such API key',
    })
    expect(told.filter((line) => line.startsWith('noted'))).toEqual([])
  })
})

describe('what one has spent oneself', () => {
  it('is shown to everybody, with the cap that holds for them and none that does not', async () => {
    const { spending, by, told } = open([
      { kind: 'workspace', subjectId: 'w', usd: 9, tokens: null },
      { kind: 'key', subjectId: 'k', usd: 4, tokens: 4 },
      { kind: 'member', subjectId: 'w', usd: null, tokens: 5 },
      { kind: 'user', subjectId: 'bob', usd: 6, tokens: 6 },
    ])
    expect(await spending.mine(by('viewer', { keyId: 'k' }))).toEqual({
      month: '2026-11-01',
      cap: { usd: null, tokens: 5 },
      spent: spent(7),
    })
    expect(told).toEqual(['settled', 'user ada in 2026-11-01'])
    expect((await spending.mine(by('viewer', { userId: 'bob' }))).cap).toEqual({ usd: 6, tokens: 6 })
    expect((await open().spending.mine(by('viewer'))).cap).toEqual(none)
  })
})
