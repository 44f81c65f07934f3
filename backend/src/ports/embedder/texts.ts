import type { EmbeddingLane } from './port.ts'

/** What some models were trained to see before a text, such as "query: ". */
export interface Prefixes {
  question: string
  passage: string
}

export const prefixed = (prefixes: Partial<Prefixes> | undefined, lane: EmbeddingLane, text: string): string =>
  ((lane === 'question' ? prefixes?.question : prefixes?.passage) ?? '') + text

/** Models and servers refuse an empty text, and know nothing of half a character. */
export function readable(text: string, characters: number): string {
  const cut = text.slice(0, characters)
  return cut.toWellFormed().trim() || '.'
}

export function unitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}
