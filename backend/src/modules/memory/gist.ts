import { sentencesOf } from '../../sentences.ts'

const sentencesAtMost = 2
const answerCharacters = 280
/** Beyond this nobody looks for the first sentences. */
const beginningCharacters = 2_000
const quoteCharacters = 160
const questionCharacters = 200
const summaryCharacters = 1_200

/** A question as a note holds it; two of the same words are the same question. */
export const shortQuestion = (question: string): string => cut(question.replace(/\s+/g, ' ').trim(), questionCharacters)

/** An answer in a few of its own words: how it begins, and the first thing it cites when that is not said already. */
export function gistOf(answer: string, sources: readonly { title: string; quote: string }[]): string {
  const plain = answer
    .slice(0, beginningCharacters)
    .replace(/^\s*(?:>|#+|[-*•])\s+/gm, '')
    .replace(/\s*\[\d{1,3}\]/g, '')
    .replace(/\*\*|`/g, '')
    .trim()
  const beginning = sentencesOf(plain)
    .slice(0, sentencesAtMost)
    .map(({ start, end }) => plain.slice(start, end))
    .join(' ')
  const said = cut(beginning.replace(/\s+/g, ' '), answerCharacters)
  const [source] = sources
  if (!source) return said
  const quote = cut(source.quote.replace(/\s+/g, ' ').trim(), quoteCharacters)
  return said.includes(quote.slice(0, 40)) ? `${said} (${source.title})` : `${said} “${quote}” (${source.title})`
}

/** The summary so far and what has fallen out since, a line each; the oldest lines fade first. */
export function rollSummary(summary: string, fellOut: readonly { question: string; gist: string }[]): string {
  const lines = [...summary.split('\n'), ...fellOut.map(({ question, gist }) => `${question} ${firstSentence(gist)}`)]
  const kept: string[] = []
  let room = summaryCharacters
  for (const line of lines.filter((line) => line !== '').toReversed()) {
    room -= line.length + 1
    if (room < 0) break
    kept.unshift(line)
  }
  return kept.join('\n')
}

function firstSentence(text: string): string {
  const [first] = sentencesOf(text)
  return first ? text.slice(first.start, first.end) : ''
}

function cut(text: string, characters: number): string {
  if (text.length <= characters) return text
  const space = text.lastIndexOf(' ', characters - 1)
  return `${text.slice(0, space > characters / 2 ? space : characters - 1).trimEnd()}…`
}
