import type { ChunkProfile } from '@nitroagi/shared/collections'
import { chunkPage, chunkRows, embeddingText } from './chunks.ts'
import { isTableType } from './read-tables.ts'

export interface CutDocument {
  /** What is said of it before its passages, where the profile wants that. */
  title: string
  mediaType: string
  profile: ChunkProfile
  /** It has one page and no other, as far as is known; such a card stays whole for longer. */
  isOnlyPage?: boolean
}

/** A passage of a document. `content` is the page's text from `start` to `end`. */
export interface Piece {
  ordinal: number
  page: number
  start: number
  end: number
  heading: string
  content: string
  /** What its vector is made of. */
  embedded: string
}

/** Cuts the pages of one document, which come in order. The same pages are cut the same way every time. */
export function createCutter(document: CutDocument): (number: number, text: string) => Piece[] {
  const { title, mediaType, profile, isOnlyPage = false } = document
  const isTable = isTableType(mediaType)
  let heading = ''
  let ordinal = 0
  return (number, text) => {
    const cut = isTable ? chunkRows(text, heading, profile) : chunkPage(text, heading, profile, isOnlyPage)
    heading = cut.heading
    return cut.chunks.map((piece) => {
      const content = text.slice(piece.start, piece.end)
      const embedded = embeddingText({ content, heading: piece.heading }, title, profile)
      return { ...piece, ordinal: ordinal++, page: number, content, embedded }
    })
  }
}
