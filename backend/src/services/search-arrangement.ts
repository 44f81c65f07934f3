import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Candidate } from '../ports/database/knowledge-port.ts'

/** A hit in the making: a passage, with the neighbours that were joined to it. */
export interface Arranged extends Candidate {
  joined: number
}

/** What is longer than a page's worth is not one place any more. */
const joinedCharactersMax = 2_400
/** What stands between two neighbours is white space and what separates paragraphs. */
const gapCharactersMax = 40
const perDocument = 3
/** The fourth passage of a document waits only for others that are nearly as good. */
const nearlyAsGood = 0.7
const sameShare = 0.9

type TextOf = (candidate: Candidate) => Promise<string | undefined>

/**
 * Neighbours on one page that are both hits become one, at the place of the better one. `content` stays exactly what the
 * page says between `start` and `end`.
 */
export async function joinNeighbours(candidates: readonly Candidate[], pageText: TextOf): Promise<Arranged[]> {
  const joined: Arranged[] = []
  for (const candidate of candidates) {
    const neighbour = joined.find((hit) => areNeighbours(hit, candidate))
    const content = neighbour && (await together(neighbour, candidate, pageText))
    if (!neighbour || content === undefined) {
      joined.push({ ...candidate, joined: 0 })
      continue
    }
    Object.assign(neighbour, {
      content,
      start: Math.min(neighbour.start, candidate.start),
      end: Math.max(neighbour.end, candidate.end),
      joined: neighbour.joined + 1,
    })
  }
  return joined
}

function areNeighbours(hit: Arranged, candidate: Candidate): boolean {
  if (hit.documentId !== candidate.documentId || hit.page !== candidate.page) return false
  const gap = Math.max(hit.start, candidate.start) - Math.min(hit.end, candidate.end)
  const length = Math.max(hit.end, candidate.end) - Math.min(hit.start, candidate.start)
  return gap <= gapCharactersMax && length <= joinedCharactersMax
}

async function together(hit: Candidate, candidate: Candidate, pageText: TextOf): Promise<string | undefined> {
  const [first, second] = hit.start <= candidate.start ? [hit, candidate] : [candidate, hit]
  if (second.end <= first.end) return first.content
  if (second.start <= first.end) return first.content + second.content.slice(first.end - second.start)
  const text = await pageText(first)
  // A page that was put right in this moment has other offsets.
  if (text?.slice(first.start, first.end) !== first.content || text.slice(second.start, second.end) !== second.content)
    return undefined
  return text.slice(first.start, second.end)
}

/** What says the same as a better one goes; few of one document come before others that are nearly as good. */
export function diversify(hits: readonly Arranged[], limit: number): { hits: Arranged[]; same: Map<string, Arranged> } {
  const same = new Map<string, Arranged>()
  const distinct: Arranged[] = []
  const seen: Set<string>[] = []
  for (const hit of hits) {
    const shingles = shinglesOf(hit.content)
    const twin = seen.findIndex((other) => isSame(other, shingles))
    if (twin >= 0) {
      same.set(hit.entryId, distinct[twin]!)
      continue
    }
    seen.push(shingles)
    distinct.push(hit)
  }
  const chosen: Arranged[] = []
  const waiting = [...distinct]
  const counts = new Map<string, number>()
  while (waiting.length > 0 && chosen.length < limit) {
    const best = waiting[0]!
    const isCrowded = (hit: Arranged) => (counts.get(hit.documentId) ?? 0) >= perDocument
    const other = isCrowded(best)
      ? waiting.findIndex((hit) => !isCrowded(hit) && hit.score >= nearlyAsGood * best.score)
      : 0
    const [next] = waiting.splice(Math.max(other, 0), 1)
    counts.set(next!.documentId, (counts.get(next!.documentId) ?? 0) + 1)
    chosen.push(next!)
  }
  return { hits: chosen, same }
}

/** Four words in a row, or the whole text when it is shorter. */
function shinglesOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length < 4) return new Set([words.join(' ')])
  return new Set(words.slice(3).map((_, at) => words.slice(at, at + 4).join(' ')))
}

function isSame(a: Set<string>, b: Set<string>): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  if (small.size < sameShare * large.size) return false
  let common = 0
  for (const shingle of small) if (large.has(shingle)) common++
  return common >= sameShare * (a.size + b.size - common)
}

export function hitOf(arranged: Arranged): SearchHit {
  const { ordinal: _ordinal, embeddingModel: _model, ranks: _ranks, joined: _joined, ...hit } = arranged
  return hit
}
