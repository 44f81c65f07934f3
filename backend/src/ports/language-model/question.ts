import { termsOf, type Term } from '../../terms.ts'

/** What kind of thing would answer; `undefined` when the question does not say. */
export type AnswerKind = 'time' | 'quantity' | 'person' | 'place' | 'reason' | 'naming'

export interface Question {
  /** Its telling words, each once; all words when it has no others. */
  terms: Term[]
  /** Those that are names or numbers: an answer about another name is another answer. */
  names: ReadonlySet<string>
  /** Stems that stand side by side in it. */
  pairs: ReadonlySet<string>
  /** The same of all its words: "in the" and "was born" too. */
  bigrams: ReadonlySet<string>
  /** What "which" and "how many" ask for: "How many tackles" for tackles. */
  focus: string | undefined
  /** Every word of it, so that what an answer adds can be told. */
  stems: ReadonlySet<string>
  kind: AnswerKind | undefined
}

/** In the order in which they are tried. English only: in other languages the words alone decide. */
const cues: [kind: AnswerKind, cue: RegExp][] = [
  [
    'time',
    /\b(when|(what|which) (\w+ )?(years?|dates?|days?|months?|century|centuries|decades?|era|time period)|how long ago|since when)\b/,
  ],
  [
    'quantity',
    /\bhow (many|much|old|long|far|large|big|tall|high|often|deep|wide|fast|heavy|hot|cold|frequently)\b|\bwhat (was |is |were )?(the )?(\w+ )?(percent|percentage|number|amount|age|proportion|population|price|cost|fraction|temperature|size|length|height|distance|rate)\b/,
  ],
  [
    'person',
    /\b(who|whom|whose|(what|which) (person|president|king|queen|author|actor|singer|scientist|leader|emperor))\b/,
  ],
  [
    'place',
    /\b(where|(what|which) (\w+ )?(city|cities|country|countries|state|place|river|town|region|continent|county|island|area|location|street))\b/,
  ],
  ['reason', /\b(why|what (causes?|caused|reason|led))\b/],
  [
    'naming',
    /\b(called|known as|the name (of|for)|the term|another (name|term|word)|what (\w+ ){0,2}(name|term|word|title))\b/,
  ],
]

export function readQuestion(text: string): Question {
  const all = termsOf(text)
  const content = all.filter((term) => !term.isCommon)
  const terms = uniqueByStem(content.length > 0 ? content : all)
  const first = all[0]
  const names = terms.filter((term) => /\d/.test(term.word) || (/^\p{Lu}/u.test(term.word) && term !== first))
  const asked = text.toLowerCase()
  return {
    terms,
    names: new Set(names.map((term) => term.stem)),
    pairs: pairsOf(all),
    bigrams: bigramsOf(all),
    focus: focusOf(asked),
    stems: new Set(all.map((term) => term.stem)),
    kind: cues.find(([, cue]) => cue.test(asked))?.[0],
  }
}

const focus =
  /\b(?:what|which|how many)\s+(?:(?:kind|type|sort|part|percent|percentage|amount|number|name|group|form)s?\s+of\s+)?(?:[a-z-]+\s+){0,2}?([a-z-]{3,})\s+(?:is|are|was|were|did|does|do|has|have|had|can|could|would|will|[a-z]+ed)\b/

function focusOf(asked: string): string | undefined {
  const [term] = termsOf(focus.exec(asked)?.[1] ?? '')
  return term && !term.isCommon ? term.stem : undefined
}

/** Neighbours that are both telling, in their order. */
export function pairsOf(terms: readonly Term[]): Set<string> {
  const content = terms.filter((term) => !term.isCommon)
  return new Set(content.slice(1).map((term, index) => `${content[index]!.stem} ${term.stem}`))
}

/** All neighbours, in their order. */
export const bigramsOf = (terms: readonly Term[]): Set<string> =>
  new Set(terms.slice(1).map((term, index) => `${terms[index]!.stem} ${term.stem}`))

function uniqueByStem(terms: readonly Term[]): Term[] {
  return [...new Map(terms.toReversed().map((term) => [term.stem, term])).values()].reverse()
}

const monthsAndAges =
  /\b(january|february|march|april|june|july|august|september|october|november|december|century|decade|(?:in|of|by|since|until) \d{3,4})\b|\b\d{4}s?\b|\bMay \d/i
const numbers =
  /\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|half|third|quarter|twice|once)\b/i
const reasons =
  /\b(because|due to|owing to|in order to|so that|therefore|result|led to|caused?|since|reason|thus|to avoid|for fear)\b/i
const naming = /\b(called|known as|named|termed|referred|name|titled|nicknamed|dubbed|term)\b|["“”]/i
const number =
  /\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|half|third|quarter|twice)\b/gi

/** Where in a sentence something of the kind asked for may stand that the question did not bring along itself. */
export function candidatesIn(question: Question, sentence: string, terms: readonly Term[]): number[] {
  const { kind, stems } = question
  if (kind === undefined) return []
  if (kind === 'reason' || kind === 'naming') {
    const cue = (kind === 'reason' ? reasons : naming).exec(sentence)
    const at = cue === null ? -1 : terms.findIndex(({ start }) => start >= cue.index)
    return cue === null ? [] : [at < 0 ? terms.length - 1 : at]
  }
  if (!holdsAnswer(question, sentence, terms)) return []
  const isOfKind: Record<typeof kind, (term: Term) => boolean> = {
    time: ({ word }) => /^(?:\d{3,4}s?|\d{1,2})$/.test(word) || monthsAndAges.test(word),
    quantity: ({ word }) => numbers.test(word),
    person: isNameLike,
    place: isNameLike,
  }
  return terms.flatMap((term, at) => (!stems.has(term.stem) && isOfKind[kind](term) ? [at] : []))
}

const isNameLike = ({ word, isCommon }: Term) => /^\p{Lu}\p{L}/u.test(word) && !isCommon

/** Whether a sentence holds something of the kind asked for that the question did not bring along itself. */
function holdsAnswer(question: Question, sentence: string, terms: readonly Term[]): boolean {
  const isNew = (term: Term) => !question.stems.has(term.stem)
  switch (question.kind) {
    case 'time':
      return (
        monthsAndAges.test(sentence) &&
        sentence.matchAll(/\d+|\p{L}+/gu).some(([word]) => isNewWord(question, word, monthsAndAges))
      )
    case 'quantity':
      return numbers.test(sentence) && sentence.matchAll(number).some(([word]) => isNewWord(question, word, number))
    case 'person':
    case 'place':
      return terms.some(
        (term, index) =>
          /^\p{Lu}\p{L}/u.test(term.word) && (index > 0 || !term.isCommon) && !term.isCommon && isNew(term),
      )
    case 'reason':
      return reasons.test(sentence)
    case 'naming':
      return naming.test(sentence)
    case undefined:
      return false
  }
}

function isNewWord(question: Question, word: string, pattern: RegExp): boolean {
  pattern.lastIndex = 0
  const stem = termsOf(word)[0]?.stem
  return stem !== undefined && !question.stems.has(stem) && (/\d/.test(word) || pattern.test(word))
}
