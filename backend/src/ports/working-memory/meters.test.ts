import { describe, expect, it } from 'vitest'
import { createMeters } from './meters.ts'
import type { Meter } from './port.ts'

const hourMs = 3_600_000
const partMs = hourMs / 12
const meter = (more: Partial<Meter> = {}): Meter => ({
  name: 'requests',
  atMost: 2,
  windowSeconds: 3_600,
  atOnce: null,
  ...more,
})

/** A clock of its own, and one meter of it. */
function open(more: Partial<Meter> = {}) {
  const clock = { now: 0 }
  const meters = createMeters({ now: () => clock.now })
  const take = (lease = 'lease') => meters.take(['mine'], [meter(more)], lease)
  return { clock, meters, take }
}

describe('what was taken', () => {
  it('comes back a part after its hour, and not a millisecond sooner', () => {
    const { clock, take } = open({ atMost: 1 })
    expect(take()).toEqual({
      refused: undefined,
      readings: [{ spent: 1, underWay: 0, nextFreeAtMs: hourMs + partMs }],
    })
    clock.now = hourMs + partMs - 1
    expect(take().refused).toEqual({ meter: 0, by: 'window' })
    clock.now = hourMs + partMs
    expect(take().refused).toBeUndefined()
    expect(take().refused).toEqual({ meter: 0, by: 'window' })
  })

  it('comes back part by part, as much as was taken in it', () => {
    const { clock, take } = open({ atMost: 4 })
    for (const at of [0, partMs - 1, partMs]) {
      clock.now = at
      take()
    }
    clock.now = hourMs + partMs
    expect(take().readings).toEqual([{ spent: 2, underWay: 0, nextFreeAtMs: hourMs + 2 * partMs }])
    clock.now = hourMs + 2 * partMs
    expect(take().readings).toEqual([{ spent: 2, underWay: 0, nextFreeAtMs: 2 * hourMs + 2 * partMs }])
  })

  it('is nothing where nothing may be taken at all, and the next is free at no later time', () => {
    const { clock, take } = open({ atMost: 0 })
    clock.now = 77
    expect(take()).toEqual({
      refused: { meter: 0, by: 'window' },
      readings: [{ spent: 0, underWay: 0, nextFreeAtMs: 77 }],
    })
  })

  it('is all or nothing, and the first meter that is full is the one that refuses', () => {
    const { meters } = open()
    const [one, two, three] = [
      meter({ atMost: 9, atOnce: 5 }),
      meter({ name: 'two', atMost: 1, atOnce: 1 }),
      meter({ name: 'three', atMost: 1 }),
    ]
    const keys = ['one', 'two', 'three']
    expect(meters.take(keys, [one, two, three], 'a').refused).toBeUndefined()
    const { refused, readings } = meters.take(keys, [one, two, three], 'b')
    // Both its window and its places are full: who waits for a place would wait in vain.
    expect(refused).toEqual({ meter: 1, by: 'window' })
    expect(readings.map(({ spent, underWay }) => [spent, underWay])).toEqual([
      [1, 1],
      [1, 1],
      [1, 0],
    ])
    expect(meters.take(['one'], [one], 'c').readings[0]).toMatchObject({ spent: 2, underWay: 2 })
  })
})

describe('a place', () => {
  it('is given up when nothing was heard for ninety seconds, and not a millisecond sooner', () => {
    const { clock, take } = open({ atMost: 100, atOnce: 1 })
    expect(take('first').refused).toBeUndefined()
    clock.now = 89_999
    expect(take('second').refused).toEqual({ meter: 0, by: 'at-once' })
    clock.now = 90_000
    expect(take('second').refused).toBeUndefined()
  })

  it('is kept by what says that it goes on, and only by that', () => {
    const { clock, meters, take } = open({ atMost: 100, atOnce: 2 })
    take('first')
    take('second')
    clock.now = 60_000
    meters.hold(['mine'], 'first')
    clock.now = 90_000
    expect(take('third').readings[0]).toMatchObject({ spent: 3, underWay: 2 })
    expect(take('fourth').refused).toEqual({ meter: 0, by: 'at-once' })
    clock.now = 150_000
    expect(take('fourth').readings[0]).toMatchObject({ spent: 4, underWay: 2 })
  })

  it('is taken by what goes on after its meter was forgotten, as by a start anew', () => {
    const { meters, take } = open({ atOnce: 1 })
    meters.hold(['mine'], 'from before')
    expect(take().refused).toEqual({ meter: 0, by: 'at-once' })
    meters.release(['mine'], 'from before')
    expect(take().refused).toBeUndefined()
  })

  it('is free again once it is released, and releasing what nobody holds frees none', () => {
    const { meters, take } = open({ atMost: 100, atOnce: 1 })
    take('first')
    meters.release(['mine', 'of nobody'], 'somebody else')
    expect(take('second').refused).toEqual({ meter: 0, by: 'at-once' })
    meters.release(['mine'], 'first')
    expect(take('second').refused).toBeUndefined()
  })

  it('is nobody’s where it does not matter how many there are', () => {
    const { meters } = open()
    meters.take(['mine'], [meter({ atOnce: null })], 'first')
    expect(meters.take(['mine'], [meter({ atOnce: 1 })], 'second').readings[0]).toMatchObject({ spent: 2, underWay: 1 })
    expect(meters.take(['mine'], [meter({ atOnce: null })], 'third').readings[0]).toMatchObject({
      spent: 2,
      underWay: 0,
    })
  })
})

it('remembers a hundred thousand meters, and of more forgets the one that was touched longest ago', () => {
  const { meters, take } = open({ atMost: 1 })
  const other = meter({ atMost: 1 })
  const isFull = (key: string) => meters.take([key], [other], '').refused !== undefined
  isFull('forgotten')
  take()
  for (let name = 2; name < 100_000; name++) isFull(`other ${name}`)
  expect(isFull('forgotten')).toBe(true)
  expect(isFull('one more')).toBe(false)
  expect(isFull('forgotten')).toBe(true)
  expect(isFull('one more')).toBe(true)
  // Its hour is not over, so only having been forgotten lets it in.
  expect(take().refused).toBeUndefined()
})
