import { expect, it } from 'vitest'
import { createReplayGuard } from './replay-guard.ts'

function guardWithClock(counts?: (scope: string, name: string, seconds: number) => Promise<number>) {
  let time = 1_000_000
  const isReplay = createReplayGuard({
    seconds: 70,
    workingMemory: counts && { count: counts },
    now: () => time,
  })
  return { isReplay, pass: (seconds: number) => (time += seconds * 1000) }
}

it('knows what comes again, for as long as it could be used at the least', async () => {
  for (const wait of [0, 35, 70, 70.001, 100, 140]) {
    const { isReplay, pass } = guardWithClock()
    expect(await isReplay('a')).toBe(false)
    pass(wait)
    // Others come in between, as they would.
    await isReplay(`other ${wait}`)
    if (wait <= 70) expect(await isReplay('a'), `after ${wait} s`).toBe(true)
    expect(await isReplay(`other ${wait}`)).toBe(true)
  }
})

it('knows across two generations, when the second begins in the middle of a life', async () => {
  const { isReplay, pass } = guardWithClock()
  await isReplay('first')
  pass(69)
  await isReplay('a')
  pass(2)
  // A new generation begins here, and the former one still holds it.
  expect(await isReplay('a')).toBe(true)
  pass(67)
  expect(await isReplay('a')).toBe(true)
})

it('holds nothing for ever', async () => {
  const { isReplay, pass } = guardWithClock()
  await isReplay('a')
  pass(141)
  expect(await isReplay('a')).toBe(false)
  pass(71)
  await isReplay('b')
  pass(71)
  expect(await isReplay('a')).toBe(false)
})

it('asks the other replicas by a hash, in no workspace', async () => {
  const asked: unknown[][] = []
  const seen = new Map<string, number>()
  const count = async (...given: [string, string, number]) => {
    asked.push(given)
    seen.set(given[1], (seen.get(given[1]) ?? 0) + 1)
    return seen.get(given[1])!
  }
  const here = guardWithClock(count)
  const there = guardWithClock(count)
  expect(await here.isReplay('secret-id')).toBe(false)
  expect(await there.isReplay('secret-id')).toBe(true)
  expect(asked[0]?.[0]).toBe('00000000-0000-0000-0000-000000000000')
  expect(asked[0]?.[1]).toMatch(/^web-token [\w-]{43}$/)
  expect(asked[0]?.[2]).toBe(70)
  expect(await there.isReplay('another-id')).toBe(false)
})

it('goes on by itself while the others cannot be asked', async () => {
  const { isReplay } = guardWithClock(() => Promise.reject(new Error('away')))
  expect(await isReplay('a')).toBe(false)
  expect(await isReplay('a')).toBe(true)
})
