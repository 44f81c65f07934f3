import { expect, it } from 'vitest'
import { pageBlocks } from './page-blocks.ts'

const page = `# Islands

Two of them are
lived on.

- Skerry
  - with a light
- Holm

Name | People

Skerry | 12
Holm | 7`

it('shows headings, paragraphs, lists and tables, each with the places of its words', () => {
  const blocks = pageBlocks(page)
  expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'table'])
  const said = blocks.map((block) => {
    if (block.kind === 'list') return block.items.map(({ start, end, depth }) => [depth, page.slice(start, end)])
    if (block.kind === 'table') return block.rows.map((row) => row.map(({ start, end }) => page.slice(start, end)))
    return page.slice(block.start, block.end)
  })
  expect(said).toEqual([
    'Islands',
    'Two of them are\nlived on.',
    [
      [0, 'Skerry'],
      [1, 'with a light'],
      [0, 'Holm'],
    ],
    [
      ['Name', 'People'],
      ['Skerry', '12'],
      ['Holm', '7'],
    ],
  ])
})

it('takes one line with a bar for a sentence', () => {
  expect(pageBlocks('this | that')).toEqual([{ kind: 'paragraph', start: 0, end: 11 }])
})
