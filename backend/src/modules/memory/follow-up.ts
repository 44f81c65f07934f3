import { termsOf, type Term } from '../../terms.ts'

const wordsAtMost = 6

/** What a question is about: its names, or without any its telling words. */
export function subjectOf(question: string): string {
  const { names, others } = readWords(question)
  return wordsOf(names.length > 0 ? names : others)
}

/**
 * What a follow-up leaves out, to be searched together with it; undefined for a question that stands by itself.
 * `earlier` is the turn before, with what that one was about.
 */
export function leftOut(question: string, earlier: { question: string; subject: string }): string | undefined {
  const { names, others } = readWords(question)
  const isGoingOn = goesOn.test(question)
  if (names.length > 0) {
    // "And Big Ben?" names another thing and leaves out what is asked of it.
    return isGoingOn && others.length === 0 ? wordsOf(readWords(earlier.question).others) || undefined : undefined
  }
  const isOpen = isGoingOn || others.length === 0 || pointsBack(question)
  return isOpen && earlier.subject !== '' ? earlier.subject : undefined
}

const goesOn = /^\s*(?:and|but|so|then|also|what about|how about|und|aber|was ist mit|y|et|e)\b/i

const pronoun =
  /\b(?:he|she|him|his|hers?|it|its|they|them|their|theirs|er|sie|ihn|ihm|ihnen|dessen|deren)\b|\b(?:this|these|those)\b(?! (?:year|week|month|day)s?\b)|\b(?:of|about|with|for|from|by|in|to|is|was|does|did|do) that\b|\bthat\W*$|(?<!\b(?:is|are|was|were) )\bthere\W*$/i

/** A word like "it" whose meaning is not said in the same sentence before. */
function pointsBack(question: string): boolean {
  const at = pronoun.exec(question)?.index
  if (at === undefined) return false
  if (empty.test(question.slice(at))) return false
  const before = question.slice(0, at)
  // "Which university has its origins …" says in the same breath whose they are.
  if (possessive.test(question.slice(at)) && !/\bof $/i.test(before) && namesThing(before)) return false
  const clause = /^.*(?:,|;|\b(?:and|or|but|if|when|because|while|that|which|who)\b)/is.exec(before)?.[0] ?? ''
  return termsOf(clause).every((term) => term.isCommon)
}

/** An "it" that stands for nothing. */
const empty = /^it (?:takes? \S+ to|takes? (?:for|to|a|an|the|new)|mean|called|possible|true|that|when|to)\b/i

const possessive = /^(?:its|his|hers?|their|theirs|they|them)\b/i

const namesThing = (text: string): boolean =>
  text
    .matchAll(/\b(?:which|what|the|an?|each|every)\s+(\p{L}+)/giu)
    .some(([, word = '']) => termsOf(word).some((term) => !term.isCommon))

function readWords(question: string): { names: Term[]; others: Term[] } {
  const all = termsOf(question)
  const isCapital = (term: Term | undefined) => term !== undefined && /^\p{Lu}/u.test(term.word)
  const telling = all.filter((term) => !term.isCommon)
  // The first word is a capital anyway; it is taken for a name's when the name goes on.
  const names = telling.filter((term) => isCapital(term) && (term !== all[0] || isCapital(all[1])))
  return { names, others: telling.filter((term) => !names.includes(term)) }
}

const wordsOf = (terms: readonly Term[]): string =>
  [...new Map(terms.map((term) => [term.stem, term.word])).values()].slice(0, wordsAtMost).join(' ')
