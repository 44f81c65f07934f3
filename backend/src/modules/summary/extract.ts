import { setImmediate as letOthers } from 'node:timers/promises'
import { sentencesOf } from '../../sentences.ts'
import { termsOf } from '../../terms.ts'
import type { Piece } from './material.ts'

export interface Extracted {
  text: string
  piece: Piece
  /** Its place among all sentences. */
  order: number
}

interface Candidate extends Extracted {
  /** Stems with how often they stand in the sentence. */
  terms: Map<string, number>
  score: number
}

export interface ExtractOptions {
  /** Sentences wanted; undefined leaves it to how many there are. */
  count: number | undefined
  /** What the text is called, whose words count. */
  title: string
  /** Sentences that say this are wanted above others. */
  wanted?: RegExp
  signal: AbortSignal
}

/** Compared with each other at once: the square of it is what a window costs. */
const windowSentences = 100
const keptOfWindow = 10
/** At a stretch; after it others have their turn. */
const stretchMs = 20
const damping = 0.85
const rounds = 25
/** Of two sentences that are as alike as this, one is enough. */
const sameFrom = 0.5

/**
 * The sentences that say most of what the others say, verbatim and in their order: LexRank (Erkan and Radev, Journal of
 * Artificial Intelligence Research 22, 2004), on words weighted by rarity, with a little more weight for what stands
 * first and for what shares words with the title. What is long is read window by window, and the best of each window
 * are compared anew, so that neither time nor memory grows with more than the length.
 */
export async function extract(
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
  { count, title, wanted, signal }: ExtractOptions,
): Promise<{ chosen: Extracted[]; sentences: number }> {
  const inTitle = new Set(termsOf(title).map(({ stem }) => stem))
  let kept: Candidate[] = []
  let window: Candidate[] = []
  let sentences = 0
  let turnEndsAt = performance.now() + stretchMs
  const rest = async () => {
    if (performance.now() < turnEndsAt) return
    await letOthers()
    signal.throwIfAborted()
    turnEndsAt = performance.now() + stretchMs
  }
  const best = (some: readonly Candidate[], count: number) => rank(some, inTitle, wanted).slice(0, count)
  const close = async () => {
    kept.push(...best(window, window.length > windowSentences / 2 ? keptOfWindow : window.length))
    window = []
    await rest()
    if (kept.length <= windowSentences * 2) return
    kept = best(kept, windowSentences)
    await rest()
  }
  for await (const piece of pieces) {
    for (const { start, end } of sentencesOf(piece.text)) {
      const text = piece.text.slice(start, end)
      const order = sentences++
      const terms = countTerms(text)
      if (terms.size > 0) window.push({ text, piece, order, terms, score: 0 })
      if (window.length >= windowSentences) await close()
    }
    await rest()
  }
  if (window.length > 0) await close()
  signal.throwIfAborted()
  const wantedCount = count ?? usualCount(sentences)
  return {
    chosen: pick(rank(kept, inTitle, wanted), wantedCount)
      .sort(byOrder)
      .map(plain),
    sentences,
  }
}

/** Grows slowly with the text: 2 of 5, 6 of 40, 12 of a book. */
function usualCount(sentences: number): number {
  if (sentences <= 2) return sentences
  return Math.min(12, Math.max(2, Math.round(1.6 * Math.log2(sentences)) - 2))
}

const byOrder = (one: Candidate, other: Candidate) => one.order - other.order
const plain = ({ text, piece, order }: Candidate): Extracted => ({ text, piece, order })

function countTerms(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { stem, isCommon } of termsOf(text)) if (!isCommon) counts.set(stem, (counts.get(stem) ?? 0) + 1)
  return counts
}

/** Best first. */
function rank(candidates: readonly Candidate[], inTitle: ReadonlySet<string>, wanted: RegExp | undefined): Candidate[] {
  const vectors = vectorsOf(candidates)
  const central = centrality(vectors)
  const ranked = candidates.map((candidate, index) => {
    const { text, order, terms } = candidate
    const shared = [...terms.keys()].filter((stem) => inTitle.has(stem)).length
    const score =
      central[index]! *
      (1 + 0.5 * Math.exp(-order / 6)) *
      (1 + 0.15 * Math.min(2, shared)) *
      (wanted?.test(text) ? 2.5 : 1) *
      readability(text, terms.size)
    return { ...candidate, score }
  })
  return ranked.sort((one, other) => other.score - one.score || one.order - other.order)
}

/** Headings, rows of tables and fragments say little by themselves. */
function readability(text: string, terms: number): number {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const isSentence = /[.!?。！？…][\p{Pe}\p{Pf}"'\s]*$/u.test(text) || !/\s/.test(text)
  return (
    (isSentence ? 1 : 0.25) *
    (terms < 4 ? 0.4 : 1) *
    (letters < text.replace(/\s/g, '').length * 0.6 ? 0.3 : 1) *
    (text.length > 450 ? 0.6 : 1) *
    (/[?？]\s*$/.test(text) ? 0.5 : 1)
  )
}

type Vector = Map<string, number>

function vectorsOf(candidates: readonly Candidate[]): Vector[] {
  const holding = new Map<string, number>()
  for (const { terms } of candidates) for (const stem of terms.keys()) holding.set(stem, (holding.get(stem) ?? 0) + 1)
  return candidates.map(({ terms }) => {
    const weights = [...terms].map(
      ([stem, times]) => [stem, times * Math.log(1 + candidates.length / holding.get(stem)!)] as const,
    )
    const length = Math.hypot(...weights.map(([, weight]) => weight)) || 1
    return new Map(weights.map(([stem, weight]) => [stem, weight / length]))
  })
}

const cosine = (one: Vector, other: Vector): number => {
  const [few, many] = one.size < other.size ? [one, other] : [other, one]
  let sum = 0
  for (const [stem, weight] of few) sum += weight * (many.get(stem) ?? 0)
  return sum
}

/** How much of the whole each sentence stands for; they add up to 1. */
function centrality(vectors: readonly Vector[]): number[] {
  const count = vectors.length
  const likeness = vectors.map((one, index) =>
    vectors.map((other, place) => (index === place ? 0 : Math.max(0, cosine(one, other)))),
  )
  const totals = likeness.map((row) => row.reduce((sum, value) => sum + value, 0))
  let scores = new Array<number>(count).fill(1 / Math.max(1, count))
  for (let round = 0; round < rounds; round++) {
    const next = new Array<number>(count).fill((1 - damping) / count)
    for (let from = 0; from < count; from++) {
      if (totals[from] === 0) continue
      const share = (damping * scores[from]!) / totals[from]!
      for (let to = 0; to < count; to++) next[to]! += share * likeness[from]![to]!
    }
    scores = next
  }
  return scores
}

/** The best ones that do not say the same. */
function pick(ranked: readonly Candidate[], count: number): Candidate[] {
  const vectors = vectorsOf(ranked)
  const chosen: number[] = []
  for (let index = 0; index < ranked.length && chosen.length < count; index++) {
    const isNew = chosen.every(
      (other) => cosine(vectors[index]!, vectors[other]!) < sameFrom && ranked[other]!.text !== ranked[index]!.text,
    )
    if (isNew) chosen.push(index)
  }
  return chosen.map((index) => ranked[index]!)
}
