import type { PictureText } from '../ports/ocr/port.ts'
import type { TableDescription } from '../ports/database/tables-port.ts'
import type { Findings } from './sections.ts'

export interface ReadPage {
  text: string
  label?: string
  origin?: 'text' | 'ocr'
  confidence?: number | null
  /** What went wrong with it, in words. */
  note?: string
}

/** Takes what is read of a file, in order. Pages count by themselves. */
export interface PageSink extends Findings {
  /** As soon as it is known. */
  total(pages: number): void
  table(table: TableDescription): void
  /** Work that shows nothing yet goes on. */
  busy(): void
  /** The next page was read and stored by an earlier try; an empty one may be given in its place. */
  isStored(): boolean
  page(page: ReadPage): Promise<void>
  /** Has the letters in a picture read; undefined when it cannot be read, or nobody is there to. */
  letters(picture: Uint8Array): Promise<PictureText | undefined>
}
