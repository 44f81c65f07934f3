import { sentencesOf, type Span } from '../../sentences.ts'
import { termsOf, type Term } from '../../terms.ts'

/** A sentence of a passage, and how well it supports an answer to the question. */
export interface Quotation {
  /** Which passage, from 0. */
  passage: number
  span: Span
  text: string
  score: number
  /** The weighted share of the question's own words that the sentence and its title hold, 0..1. */
  support: number
}

interface Passage {
  title: string
  text: string
}

/** Every sentence of the passages, best first. The passages come best first from the search. */
export function rankQuotations(question: string, passages: readonly Passage[]): Quotation[] {
  const asked = contentTerms(question)
  if (asked.length === 0) return []
  const weights = weigh(asked, passages)
  const total = sum(weights.values())
  const expected = expectedAnswer(question)
  const askedStems = new Set(termsOf(question).map((term) => term.stem))

  const quotations: Quotation[] = []
  for (const [index, passage] of passages.entries()) {
    const inTitle = new Set(termsOf(passage.title).map((term) => term.stem))
    const inPassage = new Set(termsOf(passage.text).map((term) => term.stem))
    const share = (...sets: Set<string>[]) => covered(weights, sets) / total
    const passageShare = share(inPassage, inTitle)
    let before = new Set<string>()
    for (const span of sentencesOf(passage.text)) {
      const text = passage.text.slice(span.start, span.end)
      const terms = termsOf(text)
      const here = new Set(terms.map((term) => term.stem))
      const own = share(here)
      const withTitle = share(here, inTitle)
      const withBefore = share(here, inTitle, before)
      before = here
      const answers = expected === undefined ? 0 : expected(text, askedStems) ? 1 : -1
      const score =
        own +
        0.35 * withTitle +
        0.2 * withBefore +
        0.35 * passageShare +
        0.15 * answers +
        0.2 * nearness(weights, terms) -
        0.04 * index
      quotations.push({ passage: index, span, text, score, support: withTitle })
    }
  }
  return quotations.sort((one, other) => other.score - one.score)
}

const contentTerms = (text: string): Term[] => {
  const terms = termsOf(text)
  const content = terms.filter((term) => !term.isCommon)
  return content.length > 0 ? content : terms
}

/** Rare words weigh more; what no passage holds weighs most, because its absence says most. */
function weigh(asked: readonly Term[], passages: readonly Passage[]): Map<string, number> {
  const sentences = passages.flatMap(({ text }) =>
    sentencesOf(text).map((span) => new Set(termsOf(text.slice(span.start, span.end)).map((term) => term.stem))),
  )
  const weights = new Map<string, number>()
  for (const { stem } of asked) {
    const holding = sentences.filter((stems) => stems.has(stem)).length
    weights.set(stem, Math.log(1 + (sentences.length + 1) / (holding + 0.5)))
  }
  return weights
}

function covered(weights: ReadonlyMap<string, number>, sets: readonly ReadonlySet<string>[]): number {
  let weight = 0
  for (const [stem, value] of weights) if (sets.some((stems) => stems.has(stem))) weight += value
  return weight
}

/** How close together the question's words stand: the share of neighbouring hits within five words. */
function nearness(weights: ReadonlyMap<string, number>, terms: readonly Term[]): number {
  const hits = terms.flatMap((term, at) => (weights.has(term.stem) ? [at] : []))
  if (hits.length < 2) return 0
  const near = hits.slice(1).filter((at, index) => at - hits[index]! <= 5).length
  return near / Math.max(weights.size - 1, 1)
}

type Expectation = (sentence: string, asked: ReadonlySet<string>) => boolean

/** What kind of thing the question asks for, as a test of a sentence; undefined when it does not say. */
function expectedAnswer(question: string): Expectation | undefined {
  const asked = question.toLowerCase()
  if (/\b(when|what (year|date|day|month|century|decade)|which (year|day|month|century)|in what year)\b/.test(asked)) {
    return (sentence, known) =>
      holdsNew(
        sentence,
        /\b\d{3,4}s?\b|\b(january|february|march|april|may|june|july|august|september|october|november|december|century|decade)\b/gi,
        known,
      )
  }
  if (
    /\bhow (many|much|old|long|far|large|big|tall|high|often|deep|wide|fast)\b|\bwhat (percent|percentage|number|amount|age|proportion)\b/.test(
      asked,
    )
  ) {
    return (sentence, known) =>
      holdsNew(
        sentence,
        /\d[\d.,]*|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|half|third|quarter|twice)\b/gi,
        known,
      )
  }
  if (/\b(who|whom|whose|which (person|president|king|queen|author))\b/.test(asked)) {
    return (sentence, known) => holdsNew(sentence, /(?<=\S\s+["“(]?)\p{Lu}[\p{L}'’-]+/gu, known)
  }
  if (
    /\b(where|what (city|country|state|place|river|town|region|continent)|which (city|country|state))\b/.test(asked)
  ) {
    return (sentence, known) => holdsNew(sentence, /(?<=\S\s+["“(]?)\p{Lu}[\p{L}'’-]+/gu, known)
  }
  return undefined
}

const holdsNew = (sentence: string, pattern: RegExp, known: ReadonlySet<string>): boolean =>
  sentence.matchAll(pattern).some((match) => termsOf(match[0]).some((term) => !known.has(term.stem)))

const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}
