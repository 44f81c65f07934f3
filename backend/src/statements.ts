import { sentencesOf } from './sentences.ts'
import { termsOf } from './terms.ts'

/** A sentence of an answer: its words without marks, and the passages that it cites. */
export interface Statement {
  text: string
  /** Numbers of the cited passages, as the answer gives them: [1]. */
  cited: number[]
  /** False for what says nothing that could be true or not: a heading, a question, a greeting, a refusal. */
  isClaim: boolean
}

/** A block without an end would make splitting it take the square of its length. */
const blockCharacters = 4_000

const marker = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!\()/g

/** What an answer in Markdown says, sentence by sentence and in its order, at most so many. */
export function statementsIn(answer: string, atMost: number): { statements: Statement[]; isAll: boolean } {
  const statements: Statement[] = []
  for (const block of blocksOf(answer)) {
    for (const statement of statementsOf(block)) {
      if (statements.length === atMost) return { statements, isAll: false }
      statements.push(statement)
    }
  }
  return { statements, isAll: true }
}

interface Block {
  text: string
  isHeading: boolean
}

/** Paragraphs, list items, quotations and table rows, each for itself and without their marks; no code. */
function* blocksOf(answer: string): Generator<Block> {
  let isCode = false
  let open = ''
  const flush = function* (): Generator<Block> {
    for (let rest = open; rest !== '';) {
      const piece = rest.slice(0, blockCharacters)
      const cut = rest.length > blockCharacters ? piece.lastIndexOf(' ') : -1
      const text = cut > 0 ? piece.slice(0, cut) : piece
      yield { text, isHeading: false }
      rest = rest.slice(text.length)
    }
    open = ''
  }
  for (const line of answer.split('\n')) {
    if (/^\s*(?:```|~~~)/.test(line)) {
      yield* flush()
      isCode = !isCode
      continue
    }
    if (isCode) continue
    const heading = /^\s*#{1,6}\s+(\S.*)$/.exec(line)
    const begins = /^\s*(?:[-*+•]\s|\d{1,3}[.)]\s|>|\|)/.test(line)
    if (heading || begins || line.trim() === '') yield* flush()
    if (heading) yield { text: heading[1]!, isHeading: true }
    else if (!/^[\s|:*_-]*$/.test(line)) {
      const said = line.replace(/^\s*(?:>\s?)*(?:[-*+•]\s+|\d{1,3}[.)]\s+)?/, '').replace(/\s*\|\s*/g, ' ')
      open += open === '' ? said : `\n${said}`
    }
  }
  yield* flush()
}

function statementsOf({ text: marked, isHeading }: Block): Statement[] {
  const text = marked.replace(/\[([^\]]{1,300})\]\([^)\s]{1,500}\)/g, '$1')
  const marks = [...text.matchAll(marker)]
  // As long as before, so that a mark is found at its sentence: it may stand behind the full stop.
  const bare = text.replace(marker, (mark) => ' '.repeat(mark.length))
  const spans = sentencesOf(bare)
  return spans.map(({ start, end }, index) => {
    const until = spans[index + 1]?.start ?? Infinity
    const from = index === 0 ? 0 : start
    const numbers = marks
      .filter((mark) => mark.index >= from && mark.index < until)
      .flatMap((mark) => mark[1]!.split(/[,;]/).map(Number))
    const said = plain(bare.slice(start, end))
    return { text: said, cited: [...new Set(numbers)], isClaim: !isHeading && isClaim(said) }
  })
}

/** Without emphasis and code marks, in one line. */
export const plain = (text: string): string =>
  text
    .replace(/[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:!?])/g, '$1')
    .trim()

function isClaim(text: string): boolean {
  if (/[?？:：]["”’)»]*$/.test(text)) return false
  if (aboutTheAnswer.some((pattern) => pattern.test(text))) return false
  return termsOf(text).some(({ isCommon }) => !isCommon)
}

/** What an answer says of itself, of the person, or of what is not there. */
const aboutTheAnswer = [
  /^(?:hi|hello|hey|sure|certainly|of course|okay|ok|great|thanks?|thank you|you'?re welcome|yes|no|sorry|unfortunately)\b[\s,!.]*(?:there|you)?[\s!.]*$/i,
  /^(?:i|we)(?:[’']|\s+)(?:m|ve|ll|d|am|are|have|can|cannot|can[’']t|could|couldn[’']t|do|don[’']t|did|didn[’']t|will|would|was|were|found|hope|think|know|suggest)\b/i,
  /^(?:let me|here (?:is|are)|feel free|please|if you(?:[’']d| would| want| need| like))\b/i,
  /\b(?:your|the|these|those|given|provided|cited|available)\s+(?:\w+\s+)?(?:documents?|passages?|sources?|files?|texts?|excerpts?)\b[^.]{0,40}\b(?:do(?:es)? ?n[o’']t|do(?:es)? not|did not|never|contain no|say nothing|no (?:mention|information|answer))\b/i,
  /^(?:the nearest passages? (?:is|are) in|this was calculated|there is no (?:mention|information|answer))\b/i,
  /\bis not (?:mentioned|stated|given|specified|said|found) (?:in|by|anywhere in) (?:your|the|these|any)\b/i,
  /\b(?:die|ihre|deine) (?:dokumente|quellen)\b.{0,40}\b(?:nicht|keine?n?)\b/i,
]
