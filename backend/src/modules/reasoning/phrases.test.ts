import { expect, it } from 'vitest'
import { withoutOpening } from './phrases.ts'

it.each([
  ['What is 2 + 2 = ?', '2 + 2'],
  ['Calculate: 5!', '5!'],
  ['3 times 4 equals', '3 times 4'],
])('finds the calculation in "%s"', (asked, calculation) => expect(withoutOpening(asked)).toBe(calculation))

// With the square of their number, this would take longer than any test may.
it.each([' ', '\n', '=', '?', '. '])('does not get lost in many %j', (sign) => {
  expect(withoutOpening(`q${sign.repeat(300_000)}x`)).toMatch(/^q[^]+x$/)
})
