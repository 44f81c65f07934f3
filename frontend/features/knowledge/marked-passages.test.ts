import { expect, it } from 'vitest'
import { stretches } from './marked-passages.tsx'

it('shows every letter of a page once, and where passages overlap', () => {
  const text = 'abcdefghij'
  const cut = stretches(text, [
    { start: 1, end: 5 },
    { start: 4, end: 8 },
  ])
  expect(cut.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
  expect(cut.map(({ passage, isShared }) => [passage, isShared])).toEqual([
    [undefined, false],
    [0, false],
    [0, true],
    [1, false],
    [undefined, false],
  ])
})

it('shows a page without passages as it is', () => {
  expect(stretches('abc', [])).toEqual([{ start: 0, end: 3, passage: undefined, isShared: false }])
  expect(stretches('', [])).toEqual([])
})
