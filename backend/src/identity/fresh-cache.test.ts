import { expect, it } from 'vitest'
import { createFreshCache } from './fresh-cache.ts'

function cacheOver(rows: Map<string, object>, capacity = 100) {
  let time = 0
  const loads: string[] = []
  const cache = createFreshCache(
    async (key: string) => {
      loads.push(key)
      if (key === 'broken') throw new Error('down')
      return rows.get(key)
    },
    { seconds: 5, capacity, now: () => time },
  )
  return { cache, loads, pass: (seconds: number) => (time += seconds * 1000) }
}

it('asks once for many who come at once, and again after five seconds', async () => {
  const rows = new Map([['a', { name: 'first' }]])
  const { cache, loads, pass } = cacheOver(rows)
  await Promise.all(Array.from({ length: 20 }, () => cache.get('a')))
  rows.set('a', { name: 'second' })
  pass(4.9)
  expect(await cache.get('a')).toEqual({ name: 'first' })
  pass(0.2)
  expect(await cache.get('a')).toEqual({ name: 'second' })
  expect(loads).toEqual(['a', 'a'])
})

it('does not remember what was missing or failed', async () => {
  const { cache, loads } = cacheOver(new Map())
  await cache.get('a')
  await cache.get('a')
  await expect(cache.get('broken')).rejects.toThrow('down')
  await expect(cache.get('broken')).rejects.toThrow('down')
  expect(loads).toEqual(['a', 'a', 'broken', 'broken'])
})

it('forgets what it is told to, and the oldest when it is full', async () => {
  const rows = new Map(['a', 'b', 'c'].map((name) => [name, { name }]))
  const { cache, loads } = cacheOver(rows, 2)
  await cache.get('a')
  await cache.get('b')
  cache.forget((value) => (value as { name: string }).name === 'b')
  await cache.get('a')
  await cache.get('b')
  await cache.get('c')
  await cache.get('a')
  expect(loads).toEqual(['a', 'b', 'b', 'c', 'a'])
})

it('keeps what was found meanwhile, when an older answer turns out to be none', async () => {
  const answers: ((value: object | undefined) => void)[] = []
  const cache = createFreshCache(() => new Promise<object | undefined>((resolve) => answers.push(resolve)), {
    seconds: 5,
    capacity: 10,
  })
  const older = cache.get('a')
  cache.forget(() => false)
  const newer = cache.get('a')
  answers[1]!({ name: 'newer' })
  await newer
  answers[0]!(undefined)
  expect(await older).toBeUndefined()
  expect(await cache.get('a')).toEqual({ name: 'newer' })
  expect(answers).toHaveLength(2)
})

it('forgets an answer that is still on its way, because it may be of before', async () => {
  const { cache, loads } = cacheOver(new Map([['a', { name: 'a' }]]))
  const first = cache.get('a')
  cache.forget(() => false)
  await Promise.all([first, cache.get('a')])
  expect(loads).toEqual(['a', 'a'])
})

it('asks again at the very end of its time, and no sooner', async () => {
  const { cache, loads, pass } = cacheOver(new Map([['a', { name: 'a' }]]))
  await cache.get('a')
  pass(4.999)
  await cache.get('a')
  expect(loads).toHaveLength(1)
  pass(0.001)
  await cache.get('a')
  expect(loads).toHaveLength(2)
})
