import { sentencesOf } from '../../sentences.ts'
import { termsOf, type Term } from '../../terms.ts'
import { figuresIn, negationsIn, type Negation } from './wording.ts'

/** What a statement may stand on: a passage, or what was computed, seen or heard. */
export interface Ground {
  /** As the answer cites it; undefined for what cannot be cited. */
  number: number | undefined
  title: string
  text: string
}

/** A ground as it is compared, read once for all statements. */
export interface ReadGround {
  number: number | undefined
  /** In one line and lower case, to find quotations in. */
  flat: string
  title: ReadonlySet<string>
  stems: ReadonlySet<string>
  figures: ReadonlySet<string>
  sentences: ReadSentence[]
}

export interface ReadSentence {
  terms: Term[]
  stems: ReadonlySet<string>
  /** Stems of words that are written like names. */
  names: ReadonlySet<string>
  /** Content stems in their order. */
  order: string[]
  figures: ReadonlySet<string>
  words: ReadonlySet<string>
  negations: Negation[]
}

/** A passage of the search is shorter; a longer one is read up to here, so that no text makes the check slow. */
const charactersRead = 8_000

export function readGround({ number, title, text }: Ground): ReadGround {
  const read = text.slice(0, charactersRead)
  const sentences = sentencesOf(read).map(({ start, end }) => readSentence(read.slice(start, end)))
  const inTitle = new Set(termsOf(title).map(({ stem }) => stem))
  return {
    number,
    flat: flat(read),
    title: inTitle,
    sentences,
    stems: new Set([...inTitle, ...sentences.flatMap(({ stems }) => [...stems])]),
    figures: new Set([...figuresIn(title), ...sentences.flatMap(({ figures }) => [...figures])]),
  }
}

export function readSentence(text: string): ReadSentence {
  const terms = termsOf(text)
  return {
    terms,
    stems: new Set(terms.map(({ stem }) => stem)),
    names: new Set(terms.flatMap(({ stem, word, isCommon }) => (!isCommon && /^\p{Lu}/u.test(word) ? [stem] : []))),
    order: terms.flatMap(({ stem, isCommon }) => (isCommon ? [] : [stem])),
    figures: figuresIn(text),
    words: new Set(terms.map(({ word }) => word.toLowerCase())),
    negations: negationsIn(terms),
  }
}

/** As quotations are compared: a layout's spaces, marks of emphasis and footnotes, and kinds of quotation marks do not count. */
export const flat = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\s*\[\d{1,3}\]/g, '')
    .replace(/[*_`~#>|]+/g, ' ')
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:!?])/g, '$1')
    .trim()
    .toLowerCase()
