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
function endedByMarks(text: string): string[] {
  const found: string[] = []
  let start = 0
  for (const { index, 0: marks } of text.matchAll(/[?？]+(?=\s|$)/g)) {
    const end = index + marks.length
    const part = text.slice(start, end).trim()
    if (part.length > marks.length) found.push(part)
    start = end
    if (found.length > questionsAtMost * 2) break
  }
  return found
}

const pointsBack = /\b(?:he|she|it|they|him|his|hers?|its|them|their|there|this|that|these|those|er|sie|es|ihr)\b/i
