import type { ChunkProfile } from '@nitroagi/shared/collections'
import type { Document, DocumentQuery } from '@nitroagi/shared/knowledge'
import type { Page } from '@nitroagi/shared/paging'
import type { Call } from '../../call.ts'

export interface NewDocument {
  collectionId: string
  externalId: string | undefined
  name: string
  mediaType: string
  sizeBytes: number
  sha256: string
  objectKey: string
  tags?: readonly string[]
  documentDate?: string | null
  sourceId?: string | null
  sourceUrl?: string | null
  /** The archive that it came in. */
  importId?: string | null
  /** The document that they are a new version of. */
  replace?: string | undefined
  /** When it is known at once that it cannot be read. */
  error?: DocumentError
}

export interface DocumentError {
  code: string
  message: string
}

/** A document with what only the backend needs. */
export interface StoredDocument extends Document {
  workspaceId: string
  ownerId: string
  objectKey: string | null
  pendingVersion: number
}

/** A document that somebody is reading, at the version that is being made. */
export interface DocumentWork {
  document: StoredDocument
  version: number
  /** How its collection wants it to be cut up and embedded. */
  embeddingModel: string
  chunkProfile: ChunkProfile
  /** Both as the database notes them with the version: passages that are made otherwise are refused. */
  settings: string
  /** Tries since it last came forward, this one included. */
  attempts: number
  /** What an earlier try left: pages 1..n, entries 0..n-1. */
  pagesStored: number
  entriesStored: number
}

export type OneOrAll = { documentId: string } | { collectionId: string }

export interface DocumentsRepository {
  /** Newest first, deleted ones left out. */
  list(call: Call, query: DocumentQuery & { collectionId?: string | undefined }): Promise<Page<StoredDocument>>
  find(call: Call, id: string): Promise<StoredDocument | undefined>
  /**
   * `created: false` gives the document that has the same bytes already. With the external id of another one, that one
   * begins a new version and keeps its id; `staleObjectKey` is then what its bytes were kept under.
   */
  add(
    call: Call,
    document: NewDocument,
  ): Promise<{ document: StoredDocument; created: boolean; staleObjectKey: string | null }>
  /** Everything that changed since, oldest first, without the documents that an import makes. */
  changedSince(call: Call, since: Date): Promise<StoredDocument[]>
  /** Hides them from search at once and gives their object keys; `remove` ends it. */
  markDeleting(call: Call, ids: OneOrAll): Promise<StoredDocument[]>
  remove(call: Call, ids: readonly string[]): Promise<void>
  /** Undefined when it has not failed or its bytes are gone. What was stored of it is kept. */
  restart(call: Call, id: string): Promise<StoredDocument | undefined>
  /** Those of them that are being worked on, or wait for it. Whoever works on one ends quietly. */
  pause(call: Call, ids: OneOrAll): Promise<StoredDocument[]>
  resume(call: Call, ids: OneOrAll): Promise<StoredDocument[]>

  /**
   * These begin a new version; the one before is searched until it is ready. They throw `not_found`, and `conflict` while
   * one is being made already. The next `begin` goes on with it.
   */
  /** From the bytes, first page to last. */
  read(call: Call, id: string): Promise<StoredDocument>
  /** Of the pages as they are, for another model or profile. Undefined when there is nothing to do, or it is being done. */
  index(call: Call, id: string): Promise<StoredDocument | undefined>
  /** Of the pages as they are but for one. */
  edit(call: Call, id: string, page: { number: number; text: string }): Promise<StoredDocument>

  /** Undefined when there is nothing to do: it is gone, ready, or given up. */
  begin(call: Call, id: string): Promise<DocumentWork | undefined>
  /** False when it was paused, deleted, replaced or cancelled, or is to be made with other settings. */
  isWanted(call: Call, work: DocumentWork): Promise<boolean>
  /** Of all workspaces: what should be read, and what should be gone. */
  unfinished(): Promise<{ workspaceId: string; id: string; ownerId: string; status: string }[]>
  /** All pages are stored; what is left is to embed them. */
  extracted(call: Call, work: DocumentWork): Promise<void>
  describe(
    call: Call,
    work: DocumentWork,
    known: { pagesTotal?: number; chunksTotal?: number; notice?: string; documentDate?: string },
  ): Promise<void>
  /** Takes the latest try back, because it was not the document that failed. */
  spare(call: Call, work: DocumentWork): Promise<void>
  fail(call: Call, work: Pick<DocumentWork, 'document' | 'version'>, error: DocumentError): Promise<void>
}
