import { expect, it } from 'vitest'
import { piecesOf, spokenText } from './spoken-text.ts'

it('reads words, and neither marks, sources, code nor addresses', () => {
  const answer = [
    '## The bridge',
    '',
    'It was **opened** in 1962 [1][2] and is *214 metres* long.[3] See [the page](https://example.org/a_b).',
    '',
    '- `first` of_all',
    '1. second [4]',
    '',
    '| Year | Length |',
    '| --- | ---: |',
    '| 1962 | 214 |',
    '',
    '```ts',
    'const bridge = 2 * 3 * 4',
    '```',
    'Done.',
  ].join('\n')
  const spoken = spokenText(answer)
  expect(spoken).toContain('The bridge\n')
  expect(spoken).toContain('It was opened in 1962 and is 214 metres long. See the page.')
  expect(spoken).toContain('first of_all\nsecond')
  expect(spoken).toContain('1962 214')
  expect(spoken).not.toMatch(/[#*`|[\]]|const|https|---/)
  expect(spokenText('```\nonly code')).toBe('')
  expect(spokenText('2 * 3 * 4 = 24')).toBe('2 * 3 * 4 = 24')
})

it('cuts long texts between sentences, a short piece first, and loses no word', () => {
  const text = Array.from({ length: 200 }, (_, index) => `This is sentence number ${index} of a long text.`).join(' ')
  const pieces = piecesOf(text, 1_000)
  expect(pieces.join(' ')).toBe(text)
  expect(pieces[0]!.length).toBeLessThanOrEqual(300)
  expect(pieces.every((piece) => piece.length <= 1_000 && piece.endsWith('.'))).toBe(true)
  const endless = 'word '.repeat(3_000).trim()
  expect(piecesOf(endless, 500).join(' ')).toBe(endless)
  expect(Math.max(...piecesOf('x'.repeat(9_999), 500).map(({ length }) => length))).toBeLessThanOrEqual(500)
  expect(piecesOf(' \n ', 500)).toEqual([])
})

// With the square of their number, or its cube, these would take longer than any test may.
it.each(['-', '\n', '|', '| ', ':', '`', '*', '[', '](', '~', '# '])('gets over many %j', (mark) => {
  expect(spokenText(`one\n${mark.repeat(30_000)}\ntwo`)).toMatch(/^one/)
})
