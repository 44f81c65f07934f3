import { describe, expect, it } from 'vitest'
import { wantedLength } from './length.ts'

describe('how long a text is to be', () => {
  it.each([
    ['Summarise it in 200 words', { words: 200 }],
    ['a 1,500-word essay', { words: 1500 }],
    ['three sentences, please', { sentences: 3 }],
    ['in one sentence', { sentences: 1 }],
    ['Fasse es in fünf Stichpunkten zusammen', { points: 5 }],
    ['en tres frases', { sentences: 3 }],
    ['en deux phrases', { sentences: 2 }],
    ['five bullet points', { points: 5 }],
    ['two pages on bees', { words: 900 }],
    ['a short note', { manner: 'brief' }],
    ['explain it in detail', { manner: 'detailed' }],
    ['When was it built in 1930?', {}],
    ['a million words', {}],
    ['0 words', {}],
    ['999999 words', { words: 5_000 }],
  ])('%s', (request, wanted) => expect(wantedLength(request)).toEqual(wanted))
})
