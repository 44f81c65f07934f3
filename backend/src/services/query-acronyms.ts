import { termsOf } from '../terms.ts'

/** What a text says an acronym stands for. */
export interface Definition {
  short: string
  long: string
}

/** A question full of acronyms would cost a look into the documents for each. */
const acronymsAtMost = 3
/** A definition stands close to its acronym; what is longer is a sentence. */
const longWordsMax = 10
const longCharactersMax = 120

const inBrackets = /\(([^()]{2,120})\)/gu
const shortPattern = /^(?=(?:\P{Lu}*\p{Lu}){2})[\p{L}\p{N}][\p{L}\p{N}&-]{1,9}$/u

/** "WHO", "mRNA", "GPUs": two capitals at least. None in a question that is all in capitals. */
export function acronymsIn(question: string): string[] {
  const letters = question.match(/\p{L}/gu) ?? []
  const capitals = question.match(/\p{Lu}/gu) ?? []
  const words = question.match(/[\p{L}\p{N}][\p{L}\p{N}&-]*/gu) ?? []
  if (words.length > 2 && capitals.length > 0.6 * letters.length) return []
  const found = words.map(withoutPlural).filter((word) => shortPattern.test(word))
  return [...new Set(found)].slice(0, acronymsAtMost)
}

const withoutPlural = (word: string) => word.replace(/[&-]+$/u, '').replace(/(?<=\p{Lu})s$/u, '')

/**
 * "World Health Organization (WHO)" and "WHO (World Health Organization)", found as Schwartz and Hearst do: the letters of
 * the short form stand in the long one in their order, the first at the beginning of its first word.
 */
export function definitionsIn(text: string): Definition[] {
  const found: Definition[] = []
  for (const match of text.replace(/\s+/gu, ' ').matchAll(inBrackets)) {
    const inner = match[1]!.trim()
    const before = match.input.slice(Math.max(0, match.index - longCharactersMax), match.index)
    const short = withoutPlural(inner.split(/[,;:]/u)[0]!.trim())
    const long = shortPattern.test(short) ? longBefore(before, short) : undefined
    if (long !== undefined) found.push({ short, long })
    else {
      const word = withoutPlural(/[\p{L}\p{N}&-]+(?=["”“»]?\s*$)/u.exec(before)?.[0] ?? '')
      const spelledOut = inner.split(/[,;:]/u)[0]!.trim()
      if (shortPattern.test(word) && longBefore(spelledOut, word) === spelledOut)
        found.push({ short: word, long: spelledOut })
    }
  }
  return found
}

/** The end of `before` that `short` stands for. */
function longBefore(before: string, short: string): string | undefined {
  // Quotation marks around the long form are none of it.
  const text = before.replace(/["”“„»«*_\s]+$/u, '')
  const letters = [...short.toLowerCase()].filter((letter) => /[\p{L}\p{N}]/u.test(letter))
  let at = text.length
  for (const [index, letter] of letters.toReversed().entries()) {
    const isFirst = index === letters.length - 1
    do at--
    while (at >= 0 && (text[at]!.toLowerCase() !== letter || (isFirst && !mayBegin(text, at))))
    if (at < 0) return undefined
  }
  const long = text.slice(at)
  const words = long.split(/[\s-]+/u)
  const most = Math.min(letters.length + 5, 2 * letters.length, longWordsMax)
  const isSaid = words.some((word) => withoutPlural(word) === short)
  const isTorn = /[.!?;:]\s|[()]/u.test(long)
  return words.length > most || long.length <= short.length || isSaid || isTorn ? undefined : long
}

/** A name begins with a word of its own: the O of OAPEC is not the "of" in the Organization of Arab countries. */
function mayBegin(text: string, at: number): boolean {
  if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]!)) return false
  const [first] = termsOf(text.slice(at, at + 40))
  return first !== undefined && (!first.isCommon || /^\p{Lu}/u.test(first.word))
}

/**
 * The question with its acronyms spelled out, and with a name that is spelled out in it shortened, as the first definition
 * of each has it, which should be the best. Undefined when nothing would change.
 */
export function otherwiseWritten(question: string, definitions: readonly Definition[]): string | undefined {
  const isTyped = !/\p{Lu}/u.test(question)
  const spellings = new Map<string, { at: RegExp; other: string }>()
  const add = (said: string, at: RegExp, other: string) => {
    if (!spellings.has(said) && at.test(question)) spellings.set(said, { at, other })
  }
  for (const { short, long } of definitions) {
    if (wholeWords(long).test(question)) add(long.toLowerCase(), wholeWords(long), short)
    // Whoever types without capitals means the acronym too, unless it is a word that is in every question.
    else if (!isTyped || termsOf(short).every(({ isCommon }) => !isCommon))
      add(short, wholeWords(short, isTyped ? 'iu' : 'u'), long)
  }
  const written = [...spellings.values()].reduce((text, { at, other }) => text.replace(at, () => other), question)
  return written === question ? undefined : written
}

function wholeWords(words: string, flags = 'iu'): RegExp {
  const pattern = words
    .replace(/(?<=\p{L}{2})s$/u, '')
    .split(/[\s-]+/u)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'))
    .join('[\\s-]+')
  return new RegExp(`(?<![\\p{L}\\p{N}])${pattern}s?(?![\\p{L}\\p{N}])`, flags)
}
