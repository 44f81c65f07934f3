import { sentencesOf, type Span } from '../../sentences.ts'
import { termsOf, type Term } from '../../terms.ts'
import { creditOf, formsOf, shareOf, type WantedWord } from '../../word-shares.ts'
import { bigramsOf, candidatesIn, type Question } from './question.ts'
import type { Standing } from './standing.ts'
import { isPale, kinOf } from './wording.ts'

export interface Passage {
  title: string
  text: string
  /** What the legs of the search said of it; absent or null when it was not searched for, or not found by that leg. */
  scores?: { lexical: number | null; vector: number | null } | undefined
}

/** What speaks for a sentence. Shares are 0..1, of the question's words by weight. */
export type OwnSigns = ReturnType<typeof signsOf>
export type Signs = OwnSigns & Standing

/** What the passages together say about the question. */
export interface Surroundings {
  /** Of the question's words, the most that any passage and any sentence has. */
  mostInPassage: number
  mostOwn: number
  /** How much of what the best passage has of the question the others have too: those about one thing share its words. */
  agreement: number
  /** How many words the question has, how many of them a passage has at most, and how many are in none; as logarithms. */
  asked: number
  mostMatched: number
  missingEverywhere: number
}

interface ReadSentence {
  span: Span
  text: string
  terms: Term[]
  stems: ReadonlySet<string>
}

interface ReadPassage {
  title: ReadonlySet<string>
  body: ReadonlySet<string>
  stems: ReadonlySet<string>
  sentences: ReadSentence[]
  /** How far it is behind the best of them: by words as a share, by likeness as a difference of cosines. */
  behindByWords: number
  behindByLikeness: number
}

const none: ReadonlySet<string> = new Set()

export function readPassages(passages: readonly Passage[]): ReadPassage[] {
  const words = behind(passages.map(({ scores }) => scores?.lexical ?? null))
  const likeness = behind(passages.map(({ scores }) => scores?.vector ?? null))
  return passages.map(({ title, text }, index) => {
    const sentences = sentencesOf(text).map((span) => {
      const said = text.slice(span.start, span.end)
      const terms = termsOf(said)
      return { span, text: said, terms, stems: new Set(terms.map((term) => term.stem)) }
    })
    const inTitle = new Set(termsOf(title).map((term) => term.stem))
    const body = new Set(sentences.flatMap(({ stems }) => [...stems]))
    return {
      title: inTitle,
      sentences,
      body,
      stems: new Set([...inTitle, ...body]),
      behindByWords: words.best > 0 ? words.gaps[index]! / words.best : 0,
      behindByLikeness: likeness.gaps[index]!,
    }
  })
}

/** What a leg did not find is as far behind as the last that it found. */
function behind(scores: readonly (number | null)[]): { best: number; gaps: number[] } {
  const known = scores.filter((score) => score !== null)
  const best = known.length === 0 ? 0 : Math.max(...known)
  const last = known.length === 0 ? 0 : Math.min(...known)
  return { best, gaps: scores.map((score) => best - (score ?? last)) }
}

export interface Wanted extends WantedWord {
  isName: boolean
}

/** Rare words weigh more; what no passage holds weighs most, because its absence says most. */
export function weigh(question: Question, passages: readonly ReadPassage[]): Wanted[] {
  const vocabulary = new Set(passages.flatMap((passage) => [...passage.stems]))
  const sentences = passages.flatMap((passage) => passage.sentences)
  return question.terms.map(({ stem }) => {
    const holding = sentences.filter(({ stems }) => stems.has(stem)).length
    const rarity = Math.log(1 + (sentences.length + 1) / (holding + 0.5))
    const weight = isPale.has(stem) ? rarity * paleShare : rarity
    return { stem, weight, isName: question.names.has(stem), forms: withKin(stem, vocabulary) }
  })
}

/** Of a telling word's weight. */
const paleShare = 0.4
const kinCredit = 0.7

function withKin(stem: string, vocabulary: ReadonlySet<string>): Map<string, number> {
  const forms = formsOf(stem, vocabulary)
  for (const other of kinOf.get(stem) ?? []) {
    if (vocabulary.has(other)) forms.set(other, Math.max(kinCredit, forms.get(other) ?? 0))
  }
  return forms
}

export function signsOf(
  question: Question,
  wanted: readonly Wanted[],
  passage: ReadPassage,
  index: number,
  place: number,
) {
  const { terms, stems, text } = passage.sentences[place]!
  const candidates = candidatesIn(question, text, terms)
  const fresh = terms.filter(({ stem, isCommon }) => !isCommon && !question.stems.has(stem))
  return {
    ...sharesOf(wanted, passage, place),
    ...hitsOf(wanted, terms),
    kind: candidates.length > 0 ? 1 : 0,
    kindNear: nearest(candidates, terms, wanted),
    focus: question.focus !== undefined && stems.has(question.focus) ? 1 : 0,
    focusForm: creditOf({ forms: wanted.find(({ stem }) => stem === question.focus)?.forms ?? new Map() }, [stems]),
    bigrams: shared(question.bigrams, bigramsOf(terms)),
    rank: index,
    isFromFirst: index === 0 ? 1 : 0,
    isFromFirstThree: index < 3 ? 1 : 0,
    behindByWords: passage.behindByWords,
    behindByLikeness: passage.behindByLikeness,
    length: Math.log(1 + terms.length),
    isShort: terms.length < 8 ? 1 : 0,
    place: Math.log(1 + place),
    fresh: Math.log(1 + fresh.length),
    /** Repeats the question and says nothing to it. */
    nothingNew: fresh.length === 0 ? 1 : 0,
    asks: /[?？]["”’)]*$/.test(text) ? 1 : 0,
    isFragment: terms.length < 4 ? 1 : 0,
  }
}

/** What of the question stands in the sentence, and in what is around it. */
function sharesOf(wanted: readonly Wanted[], passage: ReadPassage, place: number) {
  const { stems } = passage.sentences[place]!
  const before = passage.sentences[place - 1]?.stems ?? none
  const after = passage.sentences[place + 1]?.stems ?? none
  const earlier = passage.sentences.slice(0, place).map((one) => one.stems)
  const names = wanted.filter(({ isName }) => isName)
  const rarest = wanted.toSorted((one, other) => other.weight - one.weight).slice(0, 1)
  const missing = wanted.filter((word) => creditOf(word, [stems, passage.title]) === 0)
  const own = shareOf(wanted, stems)
  const withTitle = shareOf(wanted, stems, passage.title)
  const withEarlier = shareOf(wanted, stems, passage.title, ...earlier)
  const weight = wanted.reduce((sum, word) => sum + word.weight, 0)
  return {
    own,
    ofAll: Math.log(1 + own * weight),
    withTitle,
    withTitleSquared: withTitle ** 2,
    withBefore: shareOf(wanted, stems, passage.title, before),
    withAfter: shareOf(wanted, stems, passage.title, after),
    around: shareOf(wanted, stems, passage.title, before, after),
    /** With all that was said before it in the passage. */
    withEarlier,
    withEarlierSquared: withEarlier ** 2,
    before: shareOf(wanted, before),
    inPassage: shareOf(wanted, passage.stems),
    matchedInPassage: Math.log(1 + countOf(wanted, passage.stems)),
    inText: shareOf(wanted, passage.body),
    namesInPassage: names.length === 0 ? 1 : shareOf(names, passage.stems),
    names: names.length === 0 ? 1 : shareOf(names, stems, passage.title),
    rarest: shareOf(rarest, stems),
    missingHere: Math.log(1 + wanted.length - countOf(wanted, passage.stems)),
    missing: Math.max(0, ...missing.map((word) => word.weight)),
    matched: Math.log(1 + countOf(wanted, stems)),
  }
}

const countOf = (wanted: readonly Wanted[], stems: ReadonlySet<string>): number =>
  wanted.filter((word) => creditOf(word, [stems]) > 0).length

/** Where in the sentence the question's words stand: near one another, at its beginning, at its end. */
function hitsOf(wanted: readonly Wanted[], terms: readonly Term[]) {
  const hits = terms.flatMap((term, at) => (wanted.some(({ forms }) => forms.has(term.stem)) ? [at] : []))
  const [first, last] = [hits[0], hits.at(-1)]
  const near = hits.slice(1).filter((at, gap) => at - hits[gap]! <= 4).length
  return {
    nearness: near / Math.max(wanted.length - 1, 1),
    span: first === undefined || last === undefined ? 0 : Math.log(1 + last - first),
    firstHit: first === undefined ? 1 : first / terms.length,
    lastHit: last === undefined ? 0 : last / terms.length,
  }
}

const shared = (wanted: ReadonlySet<string>, found: ReadonlySet<string>): number =>
  wanted.size === 0 ? 0 : [...wanted].filter((pair) => found.has(pair)).length / wanted.size

/** How near the best candidate stands to the words of the question. */
function nearest(candidates: readonly number[], terms: readonly Term[], wanted: readonly Wanted[]): number {
  const total = wanted.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0 || candidates.length === 0) return 0
  const places = wanted.map(({ forms }) =>
    terms.flatMap(({ stem }, at) => (forms.has(stem) ? [{ at, credit: forms.get(stem)! }] : [])),
  )
  const nearTo = (candidate: number) =>
    wanted.reduce((sum, { weight }, index) => {
      const values = places[index]!.map(({ at, credit }) =>
        at === candidate ? 0 : credit / (1 + Math.abs(at - candidate) / 4),
      )
      return sum + weight * Math.max(0, ...values)
    }, 0)
  return Math.max(...candidates.map(nearTo)) / total
}

export function surroundingsOf(
  wanted: readonly Wanted[],
  passages: readonly ReadPassage[],
  signs: readonly Pick<Signs, 'own'>[],
): Surroundings {
  const shares = passages.map(({ stems }) => shareOf(wanted, stems))
  const mostInPassage = Math.max(0, ...shares)
  const best = passages[shares.indexOf(mostInPassage)]
  const held = wanted.filter((word) => best !== undefined && creditOf(word, [best.stems]) > 0)
  const others = passages.filter((passage) => passage !== best)
  const everywhere = passages.map(({ stems }) => stems)
  const agreements = others.map(({ stems }) => shareOf(held, stems))
  return {
    mostInPassage,
    mostOwn: Math.max(0, ...signs.map(({ own }) => own)),
    agreement: others.length === 0 ? 0 : agreements.reduce((sum, value) => sum + value, 0) / others.length,
    asked: Math.log(Math.max(wanted.length, 1)),
    mostMatched: Math.log(1 + Math.max(0, ...passages.map(({ stems }) => countOf(wanted, stems)))),
    missingEverywhere: Math.log(1 + wanted.filter((word) => creditOf(word, everywhere) === 0).length),
  }
}
