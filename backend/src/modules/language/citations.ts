import type { SearchHit } from '@nitroagi/shared/knowledge'
import { sentencesOf, type Span } from '../../sentences.ts'
import { termsOf } from '../../terms.ts'
import type { Finding } from '../module.ts'

type Citation = Extract<Finding, { type: 'citation' }>

const marker = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g
/** How far back the cited statement is looked for. */
const statementCharacters = 600

/**
 * Reads an answer as it streams and tells which passages it cites: each number once, when its first marker is complete.
 * Numbers without a passage and brackets within code are no citations.
 */
export function createCitationReader(passages: readonly SearchHit[]) {
  let text = ''
  let readTo = 0
  const cited = new Set<number>()

  return {
    add(delta: string): Citation[] {
      if (passages.length === 0) return []
      text += delta
      const found: Citation[] = []
      marker.lastIndex = readTo
      for (let match = marker.exec(text); match !== null; match = marker.exec(text)) {
        readTo = match.index + match[0].length
        if (isWithinCode(text, match.index)) continue
        for (const digits of match[1]!.split(/[,;]/)) {
          const number = Number(digits)
          const hit = passages[number - 1]
          if (hit === undefined || cited.has(number)) continue
          cited.add(number)
          found.push(cite(number, hit, statementBefore(text, match.index)))
        }
      }
      // A marker may be cut by the end of the delta: only what is too far back to begin one is done with.
      readTo = Math.max(readTo, text.length - 40)
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
function statementBefore(text: string, at: number): string {
  const window = text
    .slice(Math.max(0, at - statementCharacters), at)
    .replace(marker, ' ')
    .trimEnd()
  const last = sentencesOf(window).at(-1)
  return last === undefined ? window : window.slice(last.start, last.end).replace(/^>\s*|[*_`]/g, '')
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

function isWithinCode(text: string, at: number): boolean {
  const before = text.slice(0, at)
  const fences = before.match(/^\s*(```|~~~)/gm)?.length ?? 0
  if (fences % 2 === 1) return true
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/`/g)?.length ?? 0) % 2 === 1
}
