import { expect, it } from 'vitest'
import type { Candidate } from '../ports/database/knowledge-port.ts'
import { type Arranged, diversify, joinNeighbours } from './search-arrangement.ts'

const page = 'The first paragraph.\n\nThe second one overlaps.\n\nThe third stands far away from it.'

function passage(start: number, end: number, given: Partial<Candidate> = {}): Candidate {
  return {
    entryId: `${given.documentId ?? 'd'} ${given.page ?? 1} ${start}`,
    documentId: 'd',
    externalId: null,
    collectionId: 'c',
    title: 't',
    mediaType: 'text/plain',
    content: page.slice(start, end),
    page: 1,
    start,
    end,
    score: 1,
    scores: { lexical: 1, vector: null },
    ordinal: 0,
    embeddingModel: null,
    ranks: { lexical: 1, vector: null },
    ...given,
  }
}
const textOf = () => Promise.resolve(page)

it('joins passages that touch, overlap or have only white space between them, in whatever order they came', async () => {
  for (const parts of [
    [passage(22, 46), passage(0, 20)],
    [passage(0, 30), passage(22, 46)],
    [passage(0, 46), passage(5, 20)],
  ]) {
    const [joined, ...rest] = await joinNeighbours(parts, textOf)
    expect(rest).toEqual([])
    expect(joined).toMatchObject({ start: 0, end: 46, content: page.slice(0, 46), joined: 1 })
    expect(joined!.entryId).toBe(parts[0]!.entryId)
  }
})

it('joins nothing across pages and documents, and nothing that the page does not say any more', async () => {
  const first = passage(0, 20)
  for (const second of [passage(22, 46, { page: 2 }), passage(22, 46, { documentId: 'e' })])
    expect(await joinNeighbours([first, second], textOf)).toHaveLength(2)
  expect(await joinNeighbours([first, passage(22, 46)], () => Promise.resolve('Another text.'))).toHaveLength(2)
  expect(await joinNeighbours([first, passage(22, 46)], () => Promise.resolve(undefined))).toHaveLength(2)
})

it('lets a fourth passage of a document wait for others only while they are nearly as good', () => {
  const hits = [10, 9, 8, 7, 6].map((score, index): Arranged => {
    const content = `Passage ${index} of a long document about ${'abcde'[index]!.repeat(4)}`
    return { ...passage(index, index + 1, { content, score }), joined: 0 }
  })
  const other = (score: number): Arranged => ({
    ...passage(0, 1, { documentId: 'other', content: 'Something else that was said elsewhere.', score }),
    joined: 0,
  })
  const order = (other: Arranged) => diversify([...hits, other], 5).hits.map((hit) => hit.score)
  expect(order(other(5))).toEqual([10, 9, 8, 5, 7])
  expect(order(other(2))).toEqual([10, 9, 8, 7, 6])
})
