import { expect, it } from 'vitest'
import { measure } from './measures.ts'

it('counts a first hit as full marks and a miss as none', () => {
  const relevant = new Map([['a', 1]])
  expect(measure([{ found: ['a', 'b'], relevant }])).toEqual({
    questions: 1,
    ndcg10: 100,
    recall5: 100,
    recall10: 100,
    mrr10: 100,
  })
  expect(measure([{ found: ['b'], relevant }])).toMatchObject({ ndcg10: 0, recall10: 0, mrr10: 0 })
})

it('discounts by rank as trec_eval does', () => {
  const { ndcg10, mrr10, recall5, recall10 } = measure([
    { found: ['x', 'x2', 'x3', 'x4', 'x5', 'a'], relevant: new Map([['a', 1]]) },
  ])
  expect(ndcg10).toBeCloseTo(100 / Math.log2(7))
  expect(mrr10).toBeCloseTo(100 / 6)
  expect([recall5, recall10]).toEqual([0, 100])
})
