import { expect, it } from 'vitest'
import type { Candidate } from '../ports/database/knowledge-port.ts'
import { type Looked, mergeFormulations, mergeQuestions } from './search-merging.ts'

function candidate(entryId: string, lexical: number, vector = 0): Candidate {
  return {
    entryId,
    documentId: entryId,
    externalId: entryId,
    collectionId: 'c',
    title: 't',
    mediaType: 'text/plain',
    content: entryId,
    page: 1,
    start: 0,
    end: 1,
    score: lexical + vector,
    scores: { lexical, vector },
    ordinal: 0,
    embeddingModel: null,
    ranks: { lexical: 1, vector: null },
  }
}

const looked = (text: string, weights: number[], candidates: Candidate[], isForUnknown = false): Looked => ({
  text,
  by: 'asked',
  isForUnknown,
  found: {
    candidates,
    trace: {
      languages: ['english'],
      terms: weights.map((weight, index) => ({ term: `term${index}`, entries: 1, weight, isLookedUp: true })),
      averageLength: 1,
      entries: { scope: 9, filtered: 9 },
      legs: { lexical: 1, vector: 1, fused: 1 },
      vectors: [],
    },
  },
})
const idsOf = (candidates: Candidate[]) => candidates.map(({ entryId }) => entryId)

it('leaves what one formulation found as it is', () => {
  const found = [candidate('a', 2), candidate('b', 1)]
  expect(mergeFormulations([looked('seat', [3], found)])).toBe(found)
})

it('takes a passage with all of a longer formulation for as good as one with all of the question', () => {
  const asked = looked('IOC seat', [3, 3], [candidate('short', 6), candidate('other', 5)])
  const long = looked('olympic committee seat', [4, 4, 4], [candidate('long', 12), candidate('other', 9)])
  const merged = mergeFormulations([asked, long])
  expect(idsOf(merged)).toEqual(['short', 'long', 'other'])
  expect(merged[1]!.score).toBeCloseTo(6)
})

it('does not bring down what stands for a word that no passage has', () => {
  const asked = looked('IOC seat', [3], [candidate('seat', 3)])
  const long = looked('olympic committee seat', [4, 4, 3], [candidate('long', 11)], true)
  expect(mergeFormulations([asked, long]).map(({ score }) => score)).toEqual([11, 3])
})

it('gives every question its turn, shows a passage once, and lets no later one be worth more', () => {
  const one = [candidate('a', 9), candidate('b', 8), candidate('c', 7)]
  const two = [candidate('x', 2), candidate('a', 1)]
  const whole = [candidate('a', 20), candidate('x', 10), candidate('c', 5)]
  const merged = mergeQuestions([one, two, whole])
  expect(idsOf(merged)).toEqual(['a', 'x', 'c', 'b'])
  const scores = merged.map(({ score }) => score)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  expect(mergeQuestions([one])).toEqual(one)
  expect(mergeQuestions([[], []])).toEqual([])
})
