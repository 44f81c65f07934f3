import type { Candidate } from '../../src/ports/database/knowledge-port.ts'
import { unmeasured } from '../../src/ports/database/search-weights.ts'
import { measure } from './measures.ts'
import { printTable, showProgress, spread } from './printing.ts'
import type { Product } from './product.ts'
import { readSet, type SetName } from './sets.ts'

/** Candidates of a question, each scored by both legs. */
interface Asked {
  relevant: ReadonlyMap<string, number>
  candidates: readonly Candidate[]
  /** Of the candidates' cosines. */
  mean: number
  deviation: number
}

type Score = (candidate: Candidate, asked: Asked) => number

const cosine = ({ scores }: Candidate) => Math.max(scores.vector ?? 0, 0)
const words = ({ scores }: Candidate) => scores.lexical ?? 0

const ways: [string, Score][] = [
  ['words alone', words],
  ['vectors alone', cosine],
  ...[6, 8, 10, 12, 13, 14, 16, 18].map((weight): [string, Score] => [
    `words + ${weight} × cosine`,
    (candidate) => words(candidate) + weight * cosine(candidate),
  ]),
  ...[1, unmeasured.deviation, 2, 3].map((weight): [string, Score] => [
    `words + ${weight} × deviations of the cosine`,
    (candidate, { mean, deviation }) => words(candidate) + (weight * (cosine(candidate) - mean)) / deviation,
  ]),
]

/**
 * What the weights in search-weights.ts were chosen by: each half of the questions by itself, because what is best for the one
 * and not for the other is chance. Those of BM25 are in the statement: change them there and run this again.
 */
export async function fitFusion(product: Product, name: SetName, limit?: number): Promise<void> {
  const call = await product.holding(name)
  const { embedders, knowledge } = product.knowledge.ports
  const asked: Asked[] = []
  for (const { text, relevant } of spread(readSet(name), limit)) {
    const [vector] = await embedders.default.embed([text], call.signal, 'question')
    const query = { text, vectors: [{ model: embedders.default.id, vector: vector! }], collectionIds: undefined }
    const { candidates } = await knowledge.search(call, { ...query, depth: 100, limit: 200 })
    asked.push({ relevant, candidates, ...spreadOf(candidates.map(cosine)) })
    showProgress(`${name}: ${asked.length} questions`)
  }
  const halves = [asked, asked.filter((_, index) => index % 2 === 0), asked.filter((_, index) => index % 2 === 1)]
  printTable(
    [name, 'nDCG@10', 'R@5', 'R@10', 'nDCG@10 of one half', 'of the other'],
    ways.map(([way, score]) => {
      const [all, one, other] = halves.map((part) => measure(part.map((question) => ranked(question, score))))
      const figures = [all!.ndcg10, all!.recall5, all!.recall10, one!.ndcg10, other!.ndcg10]
      return [way, ...figures.map((figure) => figure.toFixed(2))]
    }),
  )
}

function ranked(asked: Asked, score: Score) {
  const best = asked.candidates
    .map((candidate) => ({ id: candidate.externalId!, score: score(candidate, asked) }))
    .sort((a, b) => b.score - a.score)
  return { relevant: asked.relevant, found: [...new Set(best.map(({ id }) => id))] }
}

function spreadOf(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length, 1)
  return { mean, deviation: Math.sqrt(variance) || 1 }
}
