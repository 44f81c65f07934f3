import { describe, expect, it } from 'vitest'
import { silentLog, type Log } from '../log.ts'
import { createInProcessWorkingMemory } from '../ports/working-memory/in-process.ts'
import type { Meter } from '../ports/working-memory/port.ts'
import { createMetering } from './metering.ts'

const meterOf = (atMost: number, atOnce: number | null = null): Meter => ({
  name: 'requests',
  atMost,
  windowSeconds: 3_600,
  atOnce,
})

/** A shared memory that is there or away, as the test wants it, and what was logged. */
function open() {
  const told: string[] = []
  const log: Log = {
    ...silentLog,
    info: (event) => void told.push(event),
    warn: (event, fields) => void told.push(`${event} ${String(fields?.['error'])}`),
  }
  const shared = createInProcessWorkingMemory()
  const local = createInProcessWorkingMemory()
  const state = { isAway: false }
  const flaky = {
    ...shared,
    take: async (...asked: Parameters<typeof shared.take>) => {
      if (state.isAway) throw new Error('away')
      return shared.take(...asked)
    },
  }
  return { told, state, shared: flaky, local, take: createMetering({ shared: flaky, local, log }) }
}

describe('while the shared memory is away', () => {
  it.each([
    [100, 25],
    [7, 1],
    [4, 1],
    [3, 1],
    [1, 1],
    [0, 1],
  ])('a limit of %i is one of %i here, and never none at all', async (atMost, expected) => {
    const { state, take, local } = open()
    state.isAway = true
    for (let taken = 0; taken < expected; taken++) {
      const { refused, meters, memory } = await take('w', [meterOf(atMost)], 'lease')
      expect([refused, meters[0]?.atMost, memory]).toEqual([undefined, expected, local])
    }
    expect((await take('w', [meterOf(atMost)], 'lease')).refused).toEqual({ meter: 0, by: 'window' })
  })

  it('fewer may be under way, too, where anybody counts them', async () => {
    const { state, take } = open()
    state.isAway = true
    const { meters } = await take('w', [meterOf(400, 8), meterOf(400)], 'first')
    expect(meters.map(({ atOnce }) => atOnce)).toEqual([2, null])
  })
})

it('counts together by the limits as they are, and says once when it changes over', async () => {
  const { told, state, take, shared, local } = open()
  const asked = [meterOf(8)]
  expect(await take('w', asked, 'lease')).toMatchObject({ meters: asked, memory: shared, readings: [{ spent: 1 }] })
  expect(told).toEqual([])
  state.isAway = true
  for (const _ of [1, 2]) expect((await take('w', asked, 'lease')).memory).toBe(local)
  expect(told).toEqual(['rate-limits-local Error: away'])
  state.isAway = false
  for (const spent of [2, 3]) expect((await take('w', asked, 'lease')).readings[0]?.spent).toBe(spent)
  expect(told).toEqual(['rate-limits-local Error: away', 'rate-limits-shared'])
  state.isAway = true
  await take('w', asked, 'lease')
  expect(told.at(-1)).toBe('rate-limits-local Error: away')
  expect(told).toHaveLength(3)
})

it('lets nobody in uncounted when this process cannot count either', async () => {
  const { state, shared } = open()
  state.isAway = true
  const take = createMetering({ shared, local: shared, log: silentLog })
  await expect(take('w', [meterOf(100)], 'lease')).rejects.toThrow('away')
})
