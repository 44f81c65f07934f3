import type { Candidate, SearchFound } from '../ports/database/knowledge-port.ts'
import { termsOf } from '../terms.ts'

/** One way to put what is looked for into words. */
export interface Formulation {
  text: string
  /** As it was asked; one of several questions; with acronyms written otherwise; by a language model. */
  by: 'asked' | 'question' | 'acronym' | 'model'
  /** It stands for an acronym that no passage has as a word. */
  isForUnknown?: boolean
}

/** A formulation, and what a search for it found. */
export interface Looked extends Formulation {
  found: SearchFound
}

/**
 * Passages for one thing that was asked, by all of its formulations, the first of which is the question itself. A passage
 * counts by the formulation that it fits best. More and rarer words add up to more, so a longer formulation is brought down
 * to what the question could be worth: a passage that has all of the one is as good as one that has all of the other.
 */
export function mergeFormulations(looked: readonly Looked[]): Candidate[] {
  const [asked, ...others] = looked
  if (others.length === 0) return asked!.found.candidates
  const rarest = Math.max(0, ...looked.flatMap(({ found }) => found.trace.terms.map(({ weight }) => weight)))
  const worth = worthOf(asked!, rarest)
  const best = new Map<string, Candidate>()
  for (const formulation of looked) {
    const isScaled = formulation !== asked && formulation.isForUnknown !== true
    const scale = isScaled ? Math.min(1, worth / worthOf(formulation, rarest)) : 1
    for (const candidate of formulation.found.candidates) {
      const score = candidate.score - (1 - scale) * (candidate.scores.lexical ?? 0)
      if (score > (best.get(candidate.entryId)?.score ?? -Infinity))
        best.set(candidate.entryId, { ...candidate, score })
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score)
}

/** What a passage with each of its words could be worth at most; a word that no passage has would be the rarest of all. */
function worthOf({ text, found }: Looked, rarest: number): number {
  const known = found.trace.terms.reduce((sum, { weight }) => sum + weight, 0)
  const words = new Set(termsOf(text).flatMap(({ stem, isCommon }) => (isCommon ? [] : [stem])))
  return Math.max(known + rarest * Math.max(0, words.size - found.trace.terms.length), Number.MIN_VALUE)
}

/**
 * Passages for several things that were asked, by turns, so that the best for each comes up. The scores of two questions
 * say nothing of each other: what comes later is worth no more than what came before it.
 */
export function mergeQuestions(lists: readonly (readonly Candidate[])[]): Candidate[] {
  if (lists.length === 1) return [...lists[0]!]
  const merged = new Map<string, Candidate>()
  const nextOf = lists.map(() => 0)
  let least = Infinity
  for (let taken = true; taken;) {
    taken = false
    for (const [index, list] of lists.entries()) {
      while (merged.has(list[nextOf[index]!]?.entryId ?? '')) nextOf[index]!++
      const candidate = list[nextOf[index]!]
      if (!candidate) continue
      least = Math.min(least, candidate.score)
      merged.set(candidate.entryId, { ...candidate, score: least })
      taken = true
    }
  }
  return [...merged.values()]
}
