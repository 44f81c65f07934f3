import type { SearchHit } from '@nitroagi/shared/knowledge'
import { sentencesOf, type Span } from '../sentences.ts'
import { termsOf } from '../terms.ts'
import type { Finding } from './module.ts'

type Citation = Extract<Finding, { type: 'citation' }>

const marker = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g
/** How far back the cited statement is looked for. */
const statementCharacters = 600
/** A marker may have begun in earlier deltas; none is longer. */
const markerCharacters = 60
const keptCharacters = 2_000

/**
 * Reads an answer as it streams and tells which passages it cites: each number once, when its first marker is complete.
 * Numbers without a passage and brackets within code are no citations.
 * Passages may come while it reads, as long as each comes before its number.
 */
export function createCitationReader(passages: readonly SearchHit[]) {
  // Only the end of the answer is kept: searching all of it at each delta would cost the square of its length.
  let recent = ''
  let isFenceOpen = false
  const cited = new Set<number>()

  function forget(): void {
    const keepFrom = recent.length - keptCharacters
    const line = recent.lastIndexOf('\n', keepFrom) + 1
    const cut = line > 0 ? line : keepFrom
    isFenceOpen = isFenceOpen !== hasOddFences(recent.slice(0, cut))
    recent = recent.slice(cut)
  }

  return {
    add(delta: string): Citation[] {
      recent += delta
      const found: Citation[] = []
      if (delta.includes(']')) {
        const from = Math.max(0, recent.length - delta.length - markerCharacters)
        for (const match of recent.slice(from).matchAll(marker)) {
          const before = recent.slice(0, from + match.index)
          if (isFenceOpen !== hasOddFences(before) || isWithinTicks(before)) continue
          for (const digits of match[1]!.split(/[,;]/)) {
            const number = Number(digits)
            const hit = passages[number - 1]
            if (hit === undefined || cited.has(number)) continue
            cited.add(number)
            found.push(cite(number, hit, statementIn(before)))
          }
        }
      }
      if (recent.length > keptCharacters * 2) forget()
      return found
    },
  }
}

function cite(number: number, hit: SearchHit, statement: string): Citation {
  const { start, end } = bestSpan(hit.content, statement)
  return {
    type: 'citation',
    number,
    hit,
    start: hit.start + start,
    end: hit.start + end,
    quote: hit.content.slice(start, end),
  }
}

/** The sentence before the marker, without its own markers and Markdown. */
function statementIn(before: string): string {
  const window = before.slice(-statementCharacters).replaceAll(marker, ' ').trimEnd()
  const last = sentencesOf(window).at(-1)
  return last === undefined ? window : window.slice(last.start, last.end).replace(/^>\s*|\\(?=[`\]])|[*_`]/g, '')
}

/** Where the passage says it: the statement itself if it is quoted, otherwise the sentence that shares most with it. */
function bestSpan(content: string, statement: string): Span {
  const sentences = sentencesOf(content)
  const flat = (text: string) => text.replace(/\s+/g, ' ')
  const stated = new Set(termsOf(statement).flatMap((term) => (term.isCommon ? [] : [term.stem])))
  let best: Span | undefined
  let bestShared = 0
  for (const span of sentences) {
    const sentence = content.slice(span.start, span.end)
    if (statement !== '' && flat(sentence) === flat(statement)) return span
    const terms = termsOf(sentence)
    const shared = new Set(terms.flatMap((term) => (stated.has(term.stem) ? [term.stem] : []))).size
    // Of two sentences that share as much, the shorter one says it more plainly.
    const value = shared - terms.length / 1000
    if (shared > 0 && value > bestShared) [best, bestShared] = [span, value]
  }
  return best ?? { start: 0, end: content.length }
}

const hasOddFences = (text: string): boolean => (text.match(/^\s*(?:```|~~~)/gm)?.length ?? 0) % 2 === 1

function isWithinTicks(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/(?<!\\)`/g)?.length ?? 0) % 2 === 1
}
