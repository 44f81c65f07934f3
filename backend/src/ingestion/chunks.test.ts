import { expect, it } from 'vitest'
import { chunkPage, chunkRows, embeddingText } from './chunks.ts'
import { cleanText, splitIntoPages } from './pages.ts'

const alphabet = [
  'word ',
  'Sentence ends. ',
  '\n',
  '\n\n',
  '# Heading\n',
  '漢字。',
  '😀',
  '\t',
  'x'.repeat(700),
  '- item\n',
  'a | b | c\n',
  'é',
  'Dr. Who? ',
]

/** A linear congruence: the same texts every time, so that a failure can be looked at. */
function texts(count: number): string[] {
  let seed = 42
  const next = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below
  return Array.from({ length: count }, () =>
    Array.from({ length: next(60) }, () => alphabet[next(alphabet.length)]!).join(''),
  )
}

const profileOf = (targetCharacters: number) => ({ targetCharacters, context: 'none' as const })

it.each([200, 900, 2_500])(
  'cuts any text into passages of about %i, in order and without losing a letter',
  (target) => {
    for (const text of texts(400)) {
      const { chunks } = chunkPage(text, '', profileOf(target))
      let last = 0
      let lost = ''
      for (const { start, end } of chunks) {
        expect(start).toBeGreaterThanOrEqual(last)
        expect(end).toBeGreaterThan(start)
        expect(end - start).toBeLessThanOrEqual(target * 2)
        const content = text.slice(start, end)
        expect(content).toBe(content.trim())
        expect(content.isWellFormed()).toBe(true)
        lost += text.slice(last, start)
        last = end
      }
      expect((lost + text.slice(last)).trim()).toBe('')
    }
  },
)

it('makes pages that lose no letter and stay near their size', () => {
  for (const text of texts(200).map((part) => cleanText(part.repeat(5)))) {
    const pages = [...splitIntoPages(text)]
    expect(pages.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(3_000)
  }
})

it('begins a passage at a heading and remembers it on the next page', () => {
  const body = 'This sentence has some forty characters. '.repeat(16).trim()
  const first = chunkPage(`# Alpha\n\n${body}\n\n## Beta\n\n${body}`)
  expect(first.chunks.map((chunk) => chunk.heading)).toEqual(['Alpha', 'Beta'])
  expect(first.heading).toBe('Beta')
  expect(chunkPage(body, first.heading).chunks[0]!.heading).toBe('Beta')
})

it('leaves a short page whole', () => {
  const text = `# Card\n\n${'A few words. '.repeat(60)}\n\n${'And some more. '.repeat(20)}`
  expect(chunkPage(text).chunks).toEqual([{ start: 0, end: text.trimEnd().length, heading: 'Card' }])
  expect(chunkPage(' \n ').chunks).toEqual([])
})

it('leaves a paragraph whole while it fits, and cuts a long one between sentences', () => {
  const paragraph = 'A sentence of moderate length stands here. '.repeat(60).trim()
  const { chunks } = chunkPage(`Short one.\n\n${paragraph}`)
  for (const { end } of chunks) expect(`Short one.\n\n${paragraph}`[end - 1]).toBe('.')
})

it('cuts smaller where a collection wants it so, and keeps a table row whole', () => {
  const text = 'A sentence of moderate length stands here. '.repeat(60).trim()
  const sizes = (target: number) => chunkPage(text, '', profileOf(target)).chunks.map(({ start, end }) => end - start)
  expect(Math.max(...sizes(300))).toBeLessThanOrEqual(400)
  expect(sizes(300).length).toBeGreaterThan(sizes(900).length * 2)
  const rows = 'Name: Ada, Role: research'.concat('\n\n').repeat(20)
  expect(chunkRows(rows, '', profileOf(300)).chunks).toHaveLength(20)
})

it('tells the embedder where a passage stands only when the collection wants that, and never twice', () => {
  const entry = { content: 'Trips need an approval.', heading: 'Approval' }
  expect(embeddingText(entry, 'Travel handbook', { context: 'none' })).toBe(entry.content)
  expect(embeddingText(entry, 'Travel handbook', { context: 'title' })).toBe(
    'Travel handbook › Approval\nTrips need an approval.',
  )
  const headed = { content: '# Approval\n\nTrips need one.', heading: 'Approval' }
  expect(embeddingText(headed, 'Approval', { context: 'title' })).toBe(headed.content)
})

it('leaves a card whole that is no longer than three passages', () => {
  const text = 'A sentence of moderate length stands here. '.repeat(40).trim()
  expect(chunkPage(text, '', profileOf(600), true).chunks).toHaveLength(1)
  expect(chunkPage(text, '', profileOf(600)).chunks.length).toBeGreaterThan(1)
})

it('cuts a long paragraph into parts of about one length, so that none is left too short to be found', () => {
  const text = 'A sentence of moderate length stands here. '.repeat(31).trim()
  const sizes = chunkPage(text, '', profileOf(600)).chunks.map(({ start, end }) => end - start)
  expect(Math.min(...sizes)).toBeGreaterThan(Math.max(...sizes) * 0.7)
})
