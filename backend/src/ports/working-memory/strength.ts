import { halfLifeMs, notesAtMost, type Note } from './port.ts'

/** A conversation that nobody goes on with fades after a day. */
export const ttlSeconds = 24 * 60 * 60

/** The relevance that is left, as a logarithm: so the order of two notes never changes by waiting. */
const strengthOf = ({ relevance, usedAtMs }: Note): number =>
  Math.log2(Math.max(relevance, 0.01)) + usedAtMs / halfLifeMs

/** What is kept of these, newest first, and what is too weak to be. */
export function keepStrongest(notes: readonly Note[]): { kept: Note[]; fellOut: Note[] } {
  const byStrength = notes.toSorted((a, b) => strengthOf(b) - strengthOf(a) || b.createdAtMs - a.createdAtMs)
  const newestFirst = (some: Note[]) => some.toSorted((a, b) => b.createdAtMs - a.createdAtMs)
  return { kept: newestFirst(byStrength.slice(0, notesAtMost)), fellOut: newestFirst(byStrength.slice(notesAtMost)) }
}
