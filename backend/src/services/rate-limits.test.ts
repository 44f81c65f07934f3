import { afterEach, describe, expect, it, vi } from 'vitest'
import { requestLimits } from '@nitroagi/shared/limits'
import type { Actor } from '../call.ts'
import { silentLog } from '../log.ts'
import { createInProcessWorkingMemory } from '../ports/working-memory/in-process.ts'
import type { WorkingMemory } from '../ports/working-memory/port.ts'
import { createMetering } from './metering.ts'
import { createRateLimits, type RequestLimits } from './rate-limits.ts'

const person: Actor = {
  userId: 'ada',
  workspaceId: 'w',
  role: 'member',
  via: 'session',
  scopes: ['read'],
}
const keyOf = (keyTier?: Actor['keyTier']): Actor => ({
  ...person,
  via: 'api-key',
  keyId: 'k',
  ...(keyTier ? { keyTier } : {}),
})

/** Half past the first part of an hour. */
const start = 3_600_000_000_000 + 150_000
const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
  vi.useRealTimers()
})

function withLimits(limits: Partial<RequestLimits> = {}, change: (memory: WorkingMemory) => WorkingMemory = (m) => m) {
  const clock = { now: start }
  const now = () => clock.now
  const memory = change(createInProcessWorkingMemory({ now }))
  const take = createMetering({ shared: memory, local: memory, log: silentLog })
  const rateLimits = createRateLimits({ take, limits: { ...requestLimits, ...limits }, now })
  open.push(rateLimits)
  return { clock, rateLimits, memory }
}

describe('a request', () => {
  it.each(['operator', 'service', 'job'] as const)('of %s is counted nowhere', async (via) => {
    const limits = { person: { perHour: 0, atOnce: 0 }, workspace: { perHour: 0, atOnce: 0 } }
    const { rateLimits } = withLimits(limits)
    expect(await rateLimits.admit({ ...person, via })).toBeUndefined()
    await expect(rateLimits.count({ ...person, via })).resolves.toBeUndefined()
  })

  it('is told its own limit, what is left of it and when the first comes back', async () => {
    const { rateLimits } = withLimits({ person: { perHour: 2, atOnce: 9 } })
    const resetAtMs = 3_600_000_000_000 + 3_900_000
    expect(await rateLimits.admit(person)).toMatchObject({ limit: 2, remaining: 1, resetAtMs, refusal: undefined })
    expect(await rateLimits.admit(person)).toMatchObject({ limit: 2, remaining: 0, resetAtMs, refusal: undefined })
    const refused = await rateLimits.admit(person)
    expect(refused).toMatchObject({ limit: 2, remaining: 0, resetAtMs })
    expect(refused?.refusal).toMatchObject({
      code: 'rate_limited',
      message: 'The 2 requests that you may send in an hour are used up. Try again in 63 minutes.',
      retryAfterSeconds: 3_750,
    })
    refused?.release()
  })

  it('of a key whose tier nobody has said is one of a free key', async () => {
    const { rateLimits } = withLimits({ free: { perHour: 3, atOnce: 9 }, pro: { perHour: 5, atOnce: 9 } })
    expect(await rateLimits.admit(keyOf())).toMatchObject({ limit: 3, remaining: 2 })
    expect(await rateLimits.admit(keyOf('pro'))).toMatchObject({ limit: 5, remaining: 3 })
  })

  it('is told of the workspace’s limit when that is the one that stops it', async () => {
    const { rateLimits, clock } = withLimits({ workspace: { perHour: 1, atOnce: 9 } })
    await rateLimits.admit(keyOf())
    clock.now += 3_700_000
    const refused = await rateLimits.admit(person)
    expect(refused).toMatchObject({ limit: 1, remaining: 0 })
    expect(refused?.refusal?.message).toBe(
      'The 1 requests that your workspace may send in an hour are used up. Try again in 50 seconds.',
    )
  })

  it.each([
    [89_000, '89 seconds', 89],
    [90_000, '2 minutes', 90],
    [88_001, '89 seconds', 89],
    [1, '1 seconds', 1],
  ])('is told to come back in no less than there is to wait: %i ms', async (left, said, retryAfterSeconds) => {
    const { rateLimits, clock } = withLimits({ free: { perHour: 1, atOnce: 9 } })
    await rateLimits.admit(keyOf())
    clock.now = 3_600_000_000_000 + 3_900_000 - left
    const refused = await rateLimits.admit(keyOf())
    expect(refused?.refusal).toMatchObject({ message: expect.stringContaining(`this API key`), retryAfterSeconds })
    expect(refused?.refusal?.message).toMatch(new RegExp(`Try again in ${said}\\.$`))
  })

  it('gives its place back once, however often it ends', async () => {
    const { rateLimits, memory } = withLimits({ person: { perHour: 99, atOnce: 2 } })
    const release = vi.spyOn(memory, 'release')
    const [first, second] = [await rateLimits.admit(person), await rateLimits.admit(person)]
    const full = await rateLimits.admit(person)
    expect(full?.refusal).toMatchObject({
      message: expect.stringMatching(/^There are 2 requests under way already, which is all that you may have at once/),
      retryAfterSeconds: 1,
    })
    full?.release()
    expect((await rateLimits.admit(person))?.refusal).toBeDefined()
    first?.release()
    expect((await rateLimits.admit(person))?.refusal).toBeUndefined()
    first?.release()
    expect(release).toHaveBeenCalledTimes(1)
    expect((await rateLimits.admit(person))?.refusal).toBeDefined()
    second?.release()
  })

  it('ends without a failure when nobody can be told that it has', async () => {
    const away = () => Promise.reject(new Error('away'))
    const { rateLimits } = withLimits({}, (memory) => ({ ...memory, release: away }))
    const admission = await rateLimits.admit(person)
    expect(() => admission?.release()).not.toThrow()
  })
})

describe('something that is over at once', () => {
  it('counts as a request, holds no place, and is refused as one', async () => {
    const { rateLimits } = withLimits({ person: { perHour: 2, atOnce: 1 } })
    await rateLimits.count(person)
    await rateLimits.count(person)
    await expect(rateLimits.count(person)).rejects.toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('The 2 requests that you may send in an hour are used up'),
    })
  })
})

describe('a request that lasts', () => {
  it('holds its place by a word every half minute, from its second one on, and no longer than it lasts', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let isAway = false
    const held: unknown[] = []
    const { rateLimits } = withLimits({}, (memory) => ({
      ...memory,
      hold: async (...asked) => {
        held.push(asked.slice(0, 2))
        if (isAway) throw new Error('away')
      },
    }))
    const admission = await rateLimits.admit(person)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(held).toEqual([])
    isAway = true
    await vi.advanceTimersByTimeAsync(29_999)
    expect(held).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(held).toEqual([['w', ['person:ada', 'workspace']]])
    admission?.release()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(held).toHaveLength(1)
    await rateLimits.admit(person)
    rateLimits.close()
    await vi.advanceTimersByTimeAsync(90_000)
    expect(held).toHaveLength(1)
  })
})
