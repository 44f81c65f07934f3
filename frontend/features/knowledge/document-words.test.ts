import { expect, it } from 'vitest'
import type { Document } from '@nitroagi/shared/knowledge'
import { durationWords, progressOf } from './document-words.ts'

const document = {
  status: 'extracting',
  paused: false,
  pagesDone: 2,
  pagesTotal: 40,
  chunksDone: 0,
  chunksTotal: null,
  progress: null,
} as unknown as Document

it('says how far a document is, and how fast only when that was measured', () => {
  expect(progressOf(document)).toEqual({ words: 'Reading page 3 of 40', fraction: 0.05 })
  const progress = { stage: 'extracting', done: 2, total: 40, perSecond: 0.5, secondsLeft: 76 } as const
  expect(progressOf({ ...document, progress })!.words).toBe('Reading page 3 of 40 · 30 pages a minute · 1 min left')
  expect(progressOf({ ...document, progress: { ...progress, perSecond: null, secondsLeft: null } })!.words).toBe(
    'Reading page 3 of 40',
  )
})

it('says where it was paused, and nothing of one that is ready', () => {
  expect(progressOf({ ...document, paused: true })!.words).toBe('Paused at page 3 of 40')
  expect(progressOf({ ...document, status: 'received', pagesTotal: null, pagesDone: 0, paused: true })!.words).toBe(
    'Paused before it was read',
  )
  expect(progressOf({ ...document, status: 'ready' })).toBeUndefined()
})

it.each([
  [0, '1 s'],
  [59, '59 s'],
  [90, '2 min'],
  [3_600, '1 h'],
  [4_000, '1 h 7 min'],
])('says %i seconds as %s', (seconds, words) => {
  expect(durationWords(seconds)).toBe(words)
})
