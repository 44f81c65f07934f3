import { creditOf, formsOf, shareOf, type WantedWord } from '../../word-shares.ts'
import { flat, readSentence, type ReadGround, type ReadSentence } from './passages.ts'
import { saysContrary, type Negation } from './wording.ts'

export interface Support {
  /** The chance that the grounds say it, 0..1. */
  value: number
  /** Of the passages that support it best. */
  numbers: number[]
}

/** What speaks for and against a statement in one place. Shares are 0..1, of the statement's words by weight. */
export type Signs = ReturnType<typeof signsAt>

/**
 * Fitted by `npm run eval critic -- --fit`: logistic regression on 7,994 statements about every second article of
 * SQuAD's development set, of which a passage says some and the others were changed in one thing. How well it does on the
 * other articles is in docs/guides/confidence.md. A sentence's vector was tried and left out: its likeness does not tell a
 * swapped answer from the right one (AUC 0.44) and costs 26 ms. To be fitted again when a sign changes.
 */
const bias = 2.3
const weights: Record<keyof Signs, number> = {
  own: 4.08,
  rarestMissing: 1.21,
  rarestMissingHere: -3.35,
  figuresMissing: -3.2,
  namesMissing: -2.37,
  namesMissingHere: -1.15,
  denied: -5.7,
  contrary: -4.5,
  length: -1.36,
  joined: 0.56,
  fragment: -3.1,
  askedHere: 1.06,
}

/** What has fewer telling words does not stand by itself: it says them of what was asked. */
const fragmentTerms = 4
/** Places of a ground that are looked at closely. */
const placesAtMost = 2
/** Words that a second sentence must bring along: with fewer, it would only excuse an answer that was swapped. */
const addedAtLeast = 4

/** Measures what grounds say of statements; they are read once for all of an answer. */
export function createSupport(question: string, read: readonly ReadGround[]) {
  const sentences = read.flatMap((ground) => ground.sentences)
  const vocabulary = new Set(read.flatMap((ground) => [...ground.stems]))
  const holding = new Map<string, number>()
  for (const { stems } of sentences) for (const stem of stems) holding.set(stem, (holding.get(stem) ?? 0) + 1)
  // Rare words weigh more; what no ground holds weighs most, because its absence says most.
  const weightOf = (stem: string) => Math.log(1 + (sentences.length + 1) / ((holding.get(stem) ?? 0) + 0.5))
  const heaviest = weightOf('')
  const asked = wantedOf(readSentence(question).order)

  function wantedOf(stems: readonly string[]): WantedWord[] {
    return [...new Set(stems)].map((stem) => ({
      stem,
      weight: weightOf(stem) / heaviest,
      forms: formsOf(stem, vocabulary),
    }))
  }

  function readStatement(text: string): Stated {
    const own = readSentence(text)
    const isFragment = own.order.length < fragmentTerms
    const names = own.terms.flatMap(({ word, stem, isCommon }, at) =>
      !isCommon && /^\p{Lu}/u.test(word) && (at > 0 || isFragment) ? [stem] : [],
    )
    return { ...own, wanted: wantedOf(own.order), asked: isFragment ? asked : [], names: new Set(names), isFragment }
  }

  /** By the cited grounds, or by any when none is cited. What is not a passage cannot be cited, so it always counts. */
  const chosen = (cited: readonly number[]): readonly ReadGround[] =>
    cited.length === 0 ? read : read.filter(({ number }) => number === undefined || cited.includes(number))

  function signsOf(stated: Stated, cited: readonly number[]) {
    const among = chosen(cited)
    const places = among.flatMap((ground) => placesIn(stated, ground))
    if (cited.length > 1) places.push(...acrossGrounds(stated, places))
    return places.map(({ numbers, ...place }) => ({ numbers, signs: signsAt(stated, place) }))
  }

  return {
    /** The signs of every place that is looked at closely; the weights are fitted on them. */
    signs: (text: string, cited: readonly number[]) => signsOf(readStatement(text), cited).map(({ signs }) => signs),
    measure(text: string, cited: readonly number[]): Support {
      const stated = readStatement(text)
      const quotation = flat(text).replace(/[.!?…]+$/, '')
      const quoted = stated.isFragment ? [] : chosen(cited).filter((ground) => ground.flat.includes(quotation))
      if (quoted.length > 0) return { value: 1, numbers: quoted.flatMap(({ number }) => number ?? []) }
      const measured = signsOf(stated, cited).map(({ numbers, signs }) => ({ numbers, value: chance(signs) }))
      const value = Math.max(0, ...measured.map((one) => one.value))
      const best = measured.filter((one) => one.value > 0 && one.value >= value - 0.02)
      return { value, numbers: [...new Set(best.flatMap(({ numbers }) => numbers))].slice(0, 3) }
    },
  }
}

interface Stated extends ReadSentence {
  wanted: WantedWord[]
  /** What was asked, for a statement that does not stand by itself. */
  asked: WantedWord[]
  names: ReadonlySet<string>
  isFragment: boolean
}

/** Where it may be said: a sentence with what stands around it, or two sentences together. */
interface Place {
  numbers: number[]
  here: ReadSentence
  /** Stems of the title, and of the names in the sentence before, which a "he" may stand for. */
  around: ReadonlySet<string>
  stems: ReadonlySet<string>
  figures: ReadonlySet<string>
  isJoined: boolean
}

function placesIn(stated: Stated, ground: ReadGround): Place[] {
  const { sentences, number } = ground
  const words = [...stated.wanted, ...stated.asked]
  const best = sentences
    .map(({ stems }, at) => ({ at, share: shareOf(words, stems) }))
    .sort((one, other) => other.share - one.share)
    .slice(0, placesAtMost)
  const single = best.map(({ at }): Place => ({
    numbers: number === undefined ? [] : [number],
    here: sentences[at]!,
    around: new Set([...ground.title, ...(sentences[at - 1]?.names ?? [])]),
    stems: ground.stems,
    figures: ground.figures,
    isJoined: false,
  }))
  const [first] = single
  if (!first || stated.isFragment) return single
  const rest = sentences.filter((sentence) => sentence !== first.here)
  const second = bestWith(words, first.here, rest, (sentence) => sentence)
  return second ? [...single, { ...first, here: joined(first.here, second), isJoined: true }] : single
}

/** A sentence with two marks may have half of what it says from each. */
function acrossGrounds(stated: Stated, places: readonly Place[]): Place[] {
  const words = [...stated.wanted, ...stated.asked]
  const single = places.filter(({ isJoined }) => !isJoined)
  const first = single.toSorted((one, other) => shareOf(words, other.here.stems) - shareOf(words, one.here.stems))[0]
  if (!first) return []
  const rest = single.filter(({ numbers }) => numbers[0] !== first.numbers[0])
  const second = bestWith(words, first.here, rest, ({ here }) => here)
  if (!second) return []
  return [
    {
      numbers: [...first.numbers, ...second.numbers],
      here: joined(first.here, second.here),
      around: new Set([...first.around, ...second.around]),
      stems: new Set([...first.stems, ...second.stems]),
      figures: new Set([...first.figures, ...second.figures]),
      isJoined: true,
    },
  ]
}

function bestWith<Candidate>(
  words: readonly WantedWord[],
  first: ReadSentence,
  rest: readonly Candidate[],
  sentenceOf: (candidate: Candidate) => ReadSentence,
): Candidate | undefined {
  const lacking = words.filter((word) => creditOf(word, [first.stems]) === 0)
  const shares = rest.map((candidate) => {
    const added = lacking.filter((word) => creditOf(word, [sentenceOf(candidate).stems]) > 0)
    return { candidate, count: added.length, share: shareOf(words, first.stems, sentenceOf(candidate).stems) }
  })
  const best = shares.filter(({ count }) => count >= addedAtLeast).sort((one, other) => other.share - one.share)[0]
  return best?.candidate
}

const joined = (one: ReadSentence, other: ReadSentence): ReadSentence => ({
  terms: [...one.terms, ...other.terms],
  stems: new Set([...one.stems, ...other.stems]),
  names: new Set([...one.names, ...other.names]),
  order: [...one.order, ...other.order],
  figures: new Set([...one.figures, ...other.figures]),
  words: new Set([...one.words, ...other.words]),
  negations: [...one.negations, ...other.negations],
})

function signsAt(stated: Stated, { here, around, stems, figures, isJoined }: Omit<Place, 'numbers'>) {
  const rarest = (...places: ReadonlySet<string>[]) =>
    Math.max(0, ...stated.wanted.map((word) => word.weight * (1 - creditOf(word, places))))
  const missing = (all: ReadonlySet<string>, ...places: ReadonlySet<string>[]) =>
    all.size === 0 ? 0 : [...all].filter((one) => !places.some((found) => found.has(one))).length / all.size
  return {
    own: shareOf(stated.wanted, here.stems),
    // A word that the passage has elsewhere belongs to something else; one that it has nowhere may be a synonym.
    rarestMissing: rarest(stems),
    rarestMissingHere: rarest(here.stems, around),
    figuresMissing: missing(stated.figures, figures) > 0 ? 1 : 0,
    namesMissing: missing(stated.names, stems),
    namesMissingHere: missing(stated.names, here.stems, around),
    denied: isDenied(stated, here) ? 1 : 0,
    contrary: saysContrary(stated.words, here.words) ? 1 : 0,
    length: stated.isFragment ? 0 : Math.log(1 + stated.order.length),
    joined: isJoined ? 1 : 0,
    fragment: stated.isFragment ? 1 : 0,
    askedHere: shareOf(stated.asked, here.stems, around),
  }
}

/** One of the two denies what the other says. */
function isDenied(stated: ReadSentence, here: ReadSentence): boolean {
  if (stated.negations.length > 0 && here.negations.length === 0) return true
  return here.negations.some((own) => denies(own, stated)) || stated.negations.some((own) => denies(own, here))
}

/** The other one says the very words, and does not deny them too. */
function denies({ denied }: Negation, other: ReadSentence): boolean {
  const telling = denied.slice(0, 2)
  return (
    telling.length > 0 &&
    telling.every((stem) => other.stems.has(stem)) &&
    !other.negations.some((negation) => negation.denied.slice(0, 2).some((stem) => telling.includes(stem)))
  )
}

function chance(signs: Signs): number {
  let logit = bias
  for (const sign of Object.keys(weights) as (keyof Signs)[]) logit += weights[sign] * signs[sign]
  return 1 / (1 + Math.exp(-logit))
}
