/** More are not asked at once; what looks like more is a list or a quotation. */
const questionsAtMost = 6

export interface AskedQuestion {
  /** As it was written. */
  text: string
  /** One that only says "she" takes the first question along, so that it can be understood alone. */
  alone: string
}

/** The questions of a message that asks several; none when it asks one. */
export function questionsIn(text: string): AskedQuestion[] {
  const questions = endedByMarks(text).filter((part) => part.length >= 8)
  if (questions.length < 2 || questions.length > questionsAtMost) return []
  return questions.map((part, index) => ({
    text: part,
    alone: index > 0 && pointsBack.test(part) ? `${questions[0]} ${part}` : part,
  }))
}

/** From mark to mark, so that a long text costs no more than its length. */
function endedByMarks(text: string, ends = /[?？]+(?=\s|$)/g): string[] {
  const found: string[] = []
  let start = 0
  for (const { index, 0: marks } of text.matchAll(ends)) {
    const end = index + marks.length
    const part = text.slice(start, end).trim()
    if (part.length > marks.length) found.push(part)
    start = end
    if (found.length > questionsAtMost * 2) break
  }
  return found
}

const pointsBack = /\b(?:he|she|it|they|him|his|hers?|its|them|their|there|this|that|these|those|er|sie|es|ihr)\b/i

/**
 * What a message asks that can be looked for by itself; none when that is one thing. Looking for a part too much costs
 * little, so this sees questions where an answer would not be split: numbered ones, and "who wrote it, and when was …?".
 */
export function searchesIn(text: string): string[] {
  const listed = listedIn(text)
  const parts = listed.length > 1 ? listed : askedIn(text)
  const searches = parts.flatMap(bothHalves).filter(isEnough)
  const distinct = [...new Set(searches)]
  return distinct.length < 2 || distinct.length > questionsAtMost ? [] : distinct
}

/** One that only says "she" takes the first along. The last may have been typed without its mark. */
function askedIn(text: string): string[] {
  const marked = endedByMarks(text, /[?？؟]+(?=\s|$)|[？؟]+/g)
  const last = text.slice(marked.length > 0 ? text.lastIndexOf(marked.at(-1)!) + marked.at(-1)!.length : 0).trim()
  const parts = (opensQuestion.test(last) ? [...marked, last] : marked).filter(isEnough)
  return parts.map((part, index) => (index > 0 && pointsBack.test(part) ? `${parts[0]} ${part}` : part))
}

/** "1. … 2. …", and lines that each begin with a dash; what stands before them only leads in. */
function listedIn(text: string): string[] {
  const marks = [...text.matchAll(/(?:^|\s)\(?(\d{1,2}|[a-f])[.)]\s+/g)]
  const sequences = ['1', 'a'].map((first) => {
    let next = first
    return marks.filter(({ 1: mark }) => {
      const isNext = mark === next
      if (isNext) next = first === '1' ? String(Number(next) + 1) : String.fromCharCode(next.charCodeAt(0) + 1)
      return isNext
    })
  })
  const numbered = sequences.find((sequence) => sequence.length > 1)
  const chosen = numbered ?? [...text.matchAll(/(?:^|\n)\s*[-*•]\s+/g)]
  return chosen.map((mark, index) => text.slice(mark.index + mark[0].length, chosen[index + 1]?.index).trim())
}

const questionWord =
  '(?:who(?:se|m)?|what|when|where|why|how|which|wer|wen|wem|wessen|was|wann|wo|woher|wohin|warum|wieso|weshalb|wie|welche[rsnm]?|qui|que|quand|où|comment|pourquoi|combien|quel(?:le)?s?|quién(?:es)?|qué|cuándo|dónde|cómo|por qué|cuál(?:es)?|cuánt[oa]s?)'
const opensQuestion = new RegExp(`^(?:[¿\\p{L}]+ ){0,2}¿?${questionWord}(?!\\p{L})`, 'iu')
const joined = new RegExp(
  `,?\\s+(?:and|und|et|y)\\s+(?:also\\s+)?(?=(?:(?:in|at|on|by|to|from|for|von|mit|auf) )?${questionWord}\\s)`,
  'giu',
)

/** "Who wrote this, and when was that built?": two, unless the second half is nothing without the first. */
function bothHalves(question: string): string[] {
  if (!opensQuestion.test(question)) return [question]
  const halves = question.split(joined).map((half) => half.trim())
  const areWhole = halves.every(
    (half, index) => half.split(/\s+/).length >= 4 || (index === 0 && half.split(/\s+/).length === 3),
  )
  if (halves.length < 2 || !areWhole || halves.slice(1).some((half) => pointsBack.test(half))) return [question]
  return halves
}

/** A word is not enough to look for; where words are not set apart, four characters. */
const isEnough = (part: string) =>
  /\p{L}\P{L}+\p{L}/u.test(part) ||
  (part.match(/[\p{Script=Han}\p{Script=Thai}\p{Script=Hiragana}]/gu)?.length ?? 0) >= 4
