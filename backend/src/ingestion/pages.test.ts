import { expect, it } from 'vitest'
import { cleanText } from './pages.ts'

it('takes the blanks at the ends of lines away, and no others', () => {
  expect(cleanText(' a  b \u00a0\n\tc\t\n  d  ')).toBe(' a  b\n\tc\t\n  d')
})

// With the square of their number, this would take longer than any test may.
it.each([' ', '\u00a0', ' \n', '\t', '\n'])('does not get lost in many %j', (blank) => {
  expect(cleanText(`q${blank.repeat(300_000)}x`)).toMatch(/^q\s+x$/)
})
