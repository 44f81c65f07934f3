import { describe, expect, it } from 'vitest'
import type { Actor } from '../call.ts'
import { silentLog } from '../log.ts'
import type { SpendingRepository, StoredCap } from '../ports/database/spending-port.ts'
import { capsOf, createSpendingMeter } from './spending-meter.ts'

const actor: Actor = { userId: 'ada', workspaceId: 'w', role: 'member', via: 'session', scopes: ['chat'] }
const cap = (kind: StoredCap['kind'], subjectId: string, usd: number | null, tokens: number | null): StoredCap => ({
  kind,
  subjectId,
  usd,
  tokens,
})

/** Books in memory that write down what they are asked, and fail as often as the test wants. */
function open(caps: StoredCap[] = [], moment = '2026-11-30T23:59:59.999Z') {
  const state = {
    caps,
    now: new Date(moment),
    written: [] as unknown[],
    refusal: undefined as Awaited<ReturnType<SpendingRepository['reserve']>>,
    failures: 0,
    looked: 0,
    warned: 0,
  }
  const write = async (...entry: unknown[]) => {
    if (state.failures-- > 0) throw new Error('The database is away')
    state.written.push(entry)
  }
  const repository: SpendingRepository = {
    caps: async ({ workspaceId }) => (state.looked++, workspaceId === 'w' ? state.caps : []),
    async reserve(spender, { id: _, ...reservation }) {
      state.written.push(['reserve', spender, reservation])
      return state.refusal
    },
    settle: (spender, { month }, used) => write('settle', spender.userId, month, used),
    count: (spender, month, used) => write('count', spender, month, used),
    sweep: async () => 0,
    setCap: async () => true,
    overview: () => Promise.reject(new Error('not asked for here')),
    spent: () => Promise.reject(new Error('not asked for here')),
  }
  const log = { ...silentLog, warn: () => void state.warned++ }
  const meter = createSpendingMeter({ repository, log, leaseSeconds: 900, now: () => state.now })
  const begin = (who: Partial<Actor> = {}, most: { tokens: number; usd: number | null } = { tokens: 100, usd: 0.5 }) =>
    meter.begin(
      { actor: { ...actor, ...who }, log },
      { model: 'scripted/default', most: () => most, least: () => ({ tokens: 10, usd: null }) },
    )
  return { state, meter, begin }
}

describe('a call that nobody pays for', () => {
  it('is not made', async () => {
    const { meter } = open()
    const call = {
      model: 'scripted/default',
      most: () => ({ tokens: 1, usd: 1 }),
      least: () => ({ tokens: 1, usd: 1 }),
    }
    await expect(meter.begin(undefined, call)).rejects.toThrow('Nobody was named who pays for scripted/default')
  })
})

describe('a call that no cap holds', () => {
  it('is counted with others of the same person, key and month, each once', async () => {
    const { state, meter, begin } = open()
    const first = await begin()
    expect(first.isLimited).toBe(false)
    first.settle({ tokens: 5, usd: 0.25 })
    first.settle({ tokens: 5_000, usd: 250 })
    ;(await begin()).settle({ tokens: 7, usd: 0.5 })
    ;(await begin({ keyId: 'k' })).settle({ tokens: 1, usd: null })
    ;(await begin({ userId: 'bob' })).settle({ tokens: 0, usd: 0.125 })
    ;(await begin({ userId: 'eve' })).settle({ tokens: 0, usd: 0 })
    state.now = new Date('2026-12-01T00:00:00.000Z')
    ;(await begin()).settle({ tokens: 2, usd: 0 })
    expect(state.written).toEqual([])
    await meter.settled()
    const ada = { workspaceId: 'w', userId: 'ada' }
    expect(state.written).toEqual([
      ['count', ada, '2026-11-01', { tokens: 12, usd: 0.75 }],
      ['count', { ...ada, keyId: 'k' }, '2026-11-01', { tokens: 1, usd: 0 }],
      ['count', { ...ada, userId: 'bob' }, '2026-11-01', { tokens: 0, usd: 0.125 }],
      ['count', ada, '2026-12-01', { tokens: 2, usd: 0 }],
    ])
    await meter.settled()
    expect(state.written).toHaveLength(4)
    expect(meter.month()).toBe('2026-12-01')
  })

  it('is counted by itself a moment later, and again with the next', async () => {
    const { state, begin } = open()
    for (const round of [1, 2]) {
      ;(await begin()).settle({ tokens: round, usd: 0 })
      await expect.poll(() => state.written.length).toBe(round)
    }
    expect(state.written.map((entry) => (entry as unknown[])[3])).toEqual([
      { tokens: 1, usd: 0 },
      { tokens: 2, usd: 0 },
    ])
  })

  it('is counted when the database comes back, and given up after six tries', async () => {
    const { state, meter, begin } = open()
    state.failures = 1
    ;(await begin()).settle({ tokens: 3, usd: 0 })
    await meter.settled()
    expect([state.written.length, state.warned]).toEqual([1, 1])
    state.failures = 6
    state.warned = 0
    ;(await begin()).settle({ tokens: 3, usd: 0 })
    await meter.settled()
    expect([state.written.length, state.warned, state.failures]).toEqual([1, 6, 0])
  })
})

describe('a call that a cap holds', () => {
  const inTokens = [cap('workspace', 'w', null, 1_000)]

  it('is made after the most that it can take was set aside, and gives back what it did not take, once', async () => {
    const { state, meter, begin } = open(inTokens)
    const call = await begin({ keyId: 'k' }, { tokens: 100, usd: null })
    expect(call.isLimited).toBe(true)
    const reservation = {
      month: '2026-11-01',
      most: { tokens: 100, usd: 0 },
      least: { tokens: 10, usd: 0 },
      leaseSeconds: 900,
    }
    expect(state.written).toEqual([['reserve', { workspaceId: 'w', userId: 'ada', keyId: 'k' }, reservation]])
    // It counts for the month in which it began.
    state.now = new Date('2026-12-01T00:00:01.000Z')
    call.settle({ tokens: 0, usd: null })
    call.settle({ tokens: 99, usd: 9 })
    await meter.settled()
    expect(state.written.slice(1)).toEqual([['settle', 'ada', '2026-11-01', { tokens: 0, usd: 0 }]])
  })

  it.each([
    ['workspace', 'usd', 'This would go beyond your workspace’s monthly cap in dollars.'],
    ['user', 'tokens', 'This would go beyond your own monthly cap in tokens.'],
    ['key', 'tokens', 'This would go beyond this API key’s monthly cap in tokens.'],
  ] as const)('is not made when nothing can be set aside by %s in %s', async (whose, unit, said) => {
    const { state, begin } = open(inTokens, '2026-12-31T23:59:59.999Z')
    state.refusal = { whose, unit }
    await expect(begin()).rejects.toMatchObject({
      code: 'spending_cap_reached',
      message: `${said} It begins anew on 1 January 2027 (UTC); an owner or admin can raise it.`,
      details: { whose, unit, beginsAnewAt: '2027-01-01T00:00:00.000Z' },
    })
    expect(state.written).toHaveLength(1)
  })

  it('in dollars is not made when nobody knows its price, and is free when it costs nothing', async () => {
    const { state, begin } = open([cap('workspace', 'w', 0, null)])
    await expect(begin({}, { tokens: 5, usd: null })).rejects.toMatchObject({
      code: 'spending_cap_reached',
      details: { reason: 'no_price', model: 'scripted/default' },
    })
    expect((await begin({}, { tokens: 5, usd: 0 })).isLimited).toBe(false)
    expect(state.written).toEqual([])
    expect((await begin({}, { tokens: 0, usd: 0.000_000_001 })).isLimited).toBe(true)
  })

  it('in tokens holds also what costs nothing, and what has no price', async () => {
    const { begin } = open(inTokens)
    expect((await begin({}, { tokens: 5, usd: 0 })).isLimited).toBe(true)
    expect((await begin({}, { tokens: 5, usd: null })).isLimited).toBe(true)
    const both = open([cap('workspace', 'w', 1, null), cap('user', 'ada', null, 9)])
    expect((await both.begin({}, { tokens: 5, usd: 0 })).isLimited).toBe(true)
    await expect(both.begin({}, { tokens: 5, usd: null })).rejects.toMatchObject({ code: 'spending_cap_reached' })
  })

  it('holds at once when this process hears of it, and others’ caps are not looked up again for it', async () => {
    const { state, meter, begin } = open()
    await begin()
    await begin({ workspaceId: 'other' })
    state.caps = inTokens
    expect((await begin()).isLimited).toBe(false)
    meter.forget('w')
    expect((await begin()).isLimited).toBe(true)
    expect(state.looked).toBe(3)
    await begin({ workspaceId: 'other' })
    expect(state.looked).toBe(3)
    expect(await meter.caps('w')).toEqual(inTokens)
  })
})

it('counts for the month that the machine says it is', () => {
  const { state, meter } = open()
  const monthNow = () => `${new Date().toISOString().slice(0, 7)}-01`
  const begun = monthNow()
  const repository = { caps: async () => state.caps } as unknown as SpendingRepository
  const month = createSpendingMeter({ repository, log: silentLog, leaseSeconds: 1 }).month()
  expect([begun, monthNow()]).toContain(month)
  expect(meter.month()).toBe('2026-11-01')
})

it('takes for the caps of a call those of its workspace, its person and its key, and of nobody else', () => {
  const caps = [
    cap('member', 'w', 4, null),
    cap('key', 'k', 1, null),
    cap('key', 'other', 2, null),
    cap('workspace', 'w', 3, null),
    cap('user', 'bob', 5, null),
  ]
  const usd = (who: { userId: string; keyId?: string }, more: StoredCap[] = []) =>
    capsOf([...caps, ...more], { workspaceId: 'w', ...who }).map((one) => one.usd)
  expect(usd({ userId: 'ada' })).toEqual([3, 4])
  expect(usd({ userId: 'bob', keyId: 'k' })).toEqual([3, 5, 1])
  expect(usd({ userId: 'ada', keyId: 'new' })).toEqual([3, 4])
  // One of one's own stands before everybody's, also where it lifts it.
  expect(usd({ userId: 'ada' }, [cap('user', 'ada', null, null)])).toEqual([3, null])
  // Ids of one kind are none of another.
  expect(usd({ userId: 'k', keyId: 'bob' })).toEqual([3, 4])
})
