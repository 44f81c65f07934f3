import { expect, it } from 'vitest'
import { cacheKey, createQueryCache } from './query-cache.ts'

it('keeps the answers that were asked for last, and no more than it may', () => {
  const cache = createQueryCache<string>({ maxBytes: 1_000, ttlMs: 60_000 })
  const answer = 'x'.repeat(100)
  for (const key of ['a', 'b', 'c']) cache.set(key, answer)
  expect(cache.get('a')).toBe(answer)
  cache.set('d', answer)
  cache.set('e', answer)
  expect(['a', 'b', 'c', 'd', 'e'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd', 'e'])
  expect(cache.bytes).toBeLessThanOrEqual(1_000)
  cache.set('huge', 'x'.repeat(1_000))
  expect(cache.get('huge')).toBeUndefined()
})

it('forgets what is too old', () => {
  const cache = createQueryCache<string>({ maxBytes: 1_000, ttlMs: -1 })
  cache.set('a', 'x')
  expect(cache.get('a')).toBeUndefined()
  expect(cache.bytes).toBe(0)
})

it('tells apart what is not the same question of the same rights', () => {
  const scope = [{ id: 'c', version: '1' }]
  const keys = [
    ['w', scope, 'q'],
    ['w', [{ id: 'c', version: '2' }], 'q'],
    ['w', [], 'q'],
    ['x', scope, 'q'],
    ['w', scope, 'r'],
  ].map(cacheKey)
  expect(new Set(keys).size).toBe(keys.length)
})
