import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'
import type { WholeDocument, WholeDocuments } from '../../ports/database/whole-documents-port.ts'

/** A stretch of what is summarised, no longer than a passage. */
export interface Piece {
  text: string
  /** The passage that it is; absent for what is no document and cannot be cited. */
  hit?: SearchHit
  /** Who said it, in a conversation. */
  speaker?: string
}

/** As much as one call of a model reads. */
export interface Part {
  /** Its place among all parts of the material, those that are left out included. */
  index: number
  pieces(): Promise<Piece[]>
}

export interface Material {
  /** As the answer names it: "handbook.pdf", "this conversation". */
  name: string
  kind: 'documents' | 'conversation' | 'text'
  /** Those that may be read, in order. */
  parts: Part[]
  partsTotal: number
}

const passagesPerPart = 20
const pieceCharacters = 1_200
const partCharacters = 20_000

/** Whole documents, or, of what is longer than `partsAtMost`, parts that lie evenly spread over each. */
export function materialOfDocuments(
  whole: WholeDocuments,
  call: Call,
  documents: readonly WholeDocument[],
  partsAtMost: number,
): Material {
  const ranges = documents.flatMap((document) =>
    Array.from({ length: Math.ceil(document.passages / passagesPerPart) }, (_, part) => ({
      document,
      after: part * passagesPerPart - 1,
    })),
  )
  const parts = spread(ranges, partsAtMost).map(({ item: { document, after }, index }): Part => ({
    index,
    async pieces() {
      const hits = await whole.passages(call, document, { after, limit: passagesPerPart })
      return hits.map(({ ordinal: _, ...hit }) => ({ text: hit.content, hit }))
    },
  }))
  return {
    name: documents.map(({ title }) => title).join(', '),
    kind: 'documents',
    parts,
    partsTotal: ranges.length,
  }
}

export function materialOfPieces(
  { name, kind }: Pick<Material, 'name' | 'kind'>,
  pieces: readonly Piece[],
  partsAtMost: number,
): Material {
  const groups: Piece[][] = []
  let room = 0
  for (const piece of pieces) {
    if (groups.length === 0 || piece.text.length > room) {
      groups.push([])
      room = partCharacters
    }
    groups.at(-1)!.push(piece)
    room -= piece.text.length
  }
  const parts = spread(groups, partsAtMost).map(({ item, index }): Part => ({ index, pieces: async () => item }))
  return { name, kind, parts, partsTotal: groups.length }
}

/** Cut at spaces into what is read at once. */
export function piecesOf(text: string, speaker?: string): Piece[] {
  const pieces: Piece[] = []
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + pieceCharacters)
    if (end < text.length) {
      const breaks = ['\n', '. ', ' '].map((mark) => text.lastIndexOf(mark, end - 1))
      const cut = breaks.find((at) => at > start + pieceCharacters / 2)
      if (cut !== undefined) end = cut + 1
    }
    const said = text.slice(start, end).trim()
    if (said !== '') pieces.push({ text: said, ...(speaker === undefined ? {} : { speaker }) })
    start = end
  }
  return pieces
}

/** `count` of the items, as far apart as they can be, the first and the last among them. */
export function spread<Item>(items: readonly Item[], count: number): { item: Item; index: number }[] {
  if (items.length <= count) return items.map((item, index) => ({ item, index }))
  if (count <= 1) return items.slice(0, Math.max(0, count)).map((item, index) => ({ item, index }))
  return Array.from({ length: count }, (_, place) => {
    const index = Math.round((place * (items.length - 1)) / (count - 1))
    return { item: items[index]!, index }
  })
}

/** An order in which any beginning of it lies spread over the whole: halves first, then quarters. */
export function scattered<Item>(items: readonly Item[]): Item[] {
  const bits = Math.ceil(Math.log2(Math.max(2, items.length)))
  const reversed = (index: number) => {
    let [rest, result] = [index, 0]
    for (let bit = 0; bit < bits; bit++, rest >>= 1) result = (result << 1) | (rest & 1)
    return result
  }
  return items
    .map((item, index) => ({ item, place: reversed(index) }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
