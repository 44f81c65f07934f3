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
