import type { PageOrigin, PageText, SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'
import type { DocumentWork } from './documents-port.ts'

export interface ExtractedPage {
  number: number
  text: string
  /** What it is called where it is no page: "Slide 3". */
  label?: string | null
  origin?: PageOrigin
  /** How sure the reader of its picture was, 0..1. */
  confidence?: number | null
}

/** A passage on its way in. `content` is exactly `page.text.slice(start, end)`. */
export interface NewEntry {
  ordinal: number
  page: number
  start: number
  end: number
  content: string
  /** The heading that it stands under; searched for with the document's name, never shown as content. */
  heading: string
  embedding: readonly number[]
}

/** One line of an import, cut up and embedded. */
export interface ImportedDocument {
  externalId: string
  name: string
  sizeBytes: number
  sha256: string
  pages: readonly ExtractedPage[]
  entries: readonly NewEntry[]
}

export interface SearchQuery {
  text: string
  /** Null when there is no vector for the question; the words decide alone then. */
  embedding: readonly number[] | null
  embeddingModel: string
  /** Undefined: all that the workspace has. */
  collectionIds: readonly string[] | undefined
  limit: number
}

/**
 * Pages and passages. Those of a version that is being made are hidden until `publish`, and writing them answers false
 * when the version is wanted no more: the document was deleted, replaced or given up.
 */
export interface KnowledgeRepository {
  savePages(call: Call, work: DocumentWork, pages: readonly ExtractedPage[]): Promise<boolean>
  /** Pages of the version that is being made, in order. */
  pendingPages(call: Call, work: DocumentWork, after: number, limit: number): Promise<ExtractedPage[]>
  addEntries(call: Call, work: DocumentWork, model: string, entries: readonly NewEntry[]): Promise<boolean>
  /** From now on search sees this version and no other; at once for all readers. The notice is added to what is noted. */
  publish(call: Call, work: DocumentWork, notice: string | null): Promise<boolean>

  /** Which of these lines the collection has, unchanged and ready, and how many passages each has. */
  unchanged(
    call: Call,
    collectionId: string,
    lines: readonly { externalId: string; sha256: string }[],
  ): Promise<Map<string, number>>
  /** All of them are searchable afterwards, or none; the import's own counts move with them. */
  saveImported(
    call: Call,
    work: DocumentWork,
    model: string,
    documents: readonly ImportedDocument[],
    progress: { pagesDone: number; chunksDone: number },
  ): Promise<{ wanted: boolean; staleObjectKeys: string[] }>

  page(call: Call, documentId: string, number: number): Promise<PageText | undefined>
  /** One statement; best first. Nothing of another workspace can be among its candidates. */
  search(call: Call, query: SearchQuery): Promise<SearchHit[]>
}
