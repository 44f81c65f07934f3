import { describe, expect, it } from 'vitest'
import { isNoText, looksEndless, plainAddress, scopeOf } from './web-page-address.ts'

it.each([
  ['HTTP://Example.ORG:80/a/../b#part', 'http://example.org/b'],
  ['https://example.org/?utm_source=x&b=2&a=1&gclid=3', 'https://example.org/?a=1&b=2'],
  ['https://example.org/list?page', 'https://example.org/list?page'],
  ['https://example.org/a//b;jsessionid=12', 'https://example.org/a/b'],
  ['https://user:word@example.org/', 'https://example.org/'],
  ['mailto:somebody@example.org', undefined],
  ['javascript:alert(1)', undefined],
  [`https://example.org/${'x'.repeat(3_000)}`, undefined],
])('writes %s in one way', (address, expected) => expect(plainAddress(address)).toBe(expected))

describe('what belongs to a site', () => {
  it.each([
    ['https://example.org/docs/', 'https://example.org/docs/a/b', true],
    ['https://example.org/docs/', 'https://example.org/docs', true],
    ['https://example.org/docs/index.html', 'https://example.org/docs/a', true],
    ['https://example.org/docs', 'https://example.org/docs/a', true],
    ['https://example.org/docs', 'https://example.org/docs-of-others', false],
    ['https://example.org/docs/', 'https://example.org/', false],
    ['https://example.org/', 'https://sub.example.org/', false],
    ['https://example.org/', 'http://example.org/', false],
    ['https://example.org/', 'https://example.org.evil.test/', false],
  ])('of %s: %s is %s', (root, address, expected) => expect(scopeOf(root)(address)).toBe(expected))
})

it.each([
  ['https://example.org/a/b/c', false],
  ['https://example.org/a/a/a/a/', true],
  ['https://example.org/?a=1&b=2&c=3&d=4&e=5&f=6&g=7', true],
  [`https://example.org/${'x/'.repeat(17)}`, true],
])('%s grows without end: %s', (address, expected) => expect(looksEndless(address)).toBe(expected))

it('does not ask for pictures, styles and programs', () => {
  expect(isNoText('https://example.org/a.PNG?x=1')).toBe(true)
  expect(isNoText('https://example.org/a.pdf')).toBe(false)
})
