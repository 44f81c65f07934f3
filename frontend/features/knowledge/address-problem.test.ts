import { expect, it } from 'vitest'
import { addressProblem } from './address-problem.ts'

it.each([
  ['', 'Give an address'],
  ['example.org', 'begins with https://'],
  ['localhost:3000', 'begins with https://'],
  ['ftp://example.org/a', 'https:// or http://'],
  ['https://me:secret@example.org/', 'password'],
])('says what is wrong with the address "%s"', (text, words) => {
  expect(addressProblem(text)).toContain(words)
})

it('has nothing against a web address', () => {
  expect(addressProblem('https://example.org/docs?page=2#top')).toBeUndefined()
})
