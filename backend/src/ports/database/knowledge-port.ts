import type { PageOrigin, PageSummary, PageText, Passage, SearchHit } from '@nitroagi/shared/knowledge'
import type { Page, PageQuery } from '@nitroagi/shared/paging'
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
  /** What went wrong with it, in words. */
  note?: string | null
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
  /** As numbers, or as the database wrote it once before. */
  embedding: readonly number[] | string
  /** SHA-256 of the text that was embedded, as hex. */
  contentHash?: string
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
  /**
   * The question in the vector spaces of the collections. Those whose space is missing are searched by words alone: nothing
   * here makes such vectors, or it failed just now.
   */
  vectors: readonly QuestionVector[]
  /** Undefined: all that the caller may read. */
  collectionIds: readonly string[] | undefined
  filter?: SearchFilter
  limit: number
  /** How many each leg brings; what it says decides what is among the best, so it does not follow `limit`. */
  depth?: number
}

export interface QuestionVector {
  model: string
  vector: readonly number[]
}

/** Of documents that meet all of what is given. */
export interface SearchFilter {
  /** At least one of them. */
  tags?: readonly string[] | undefined
  mediaTypes?: readonly string[] | undefined
  /** By the document's own date, or else by when it came. */
  from?: string | undefined
  to?: string | undefined
}

/** A passage with what its neighbours can be known by. */
export interface Candidate extends SearchHit {
  ordinal: number
  embeddingModel: string | null
  /** Places among the candidates of each leg, from 1; null where that leg did not bring it. */
  ranks: { lexical: number | null; vector: number | null }
}

export interface SearchFound {
  /** Best first, at most `limit`. */
  candidates: Candidate[]
  trace: SearchTrace
}

/** What the legs say of one passage. */
export interface Standing {
  entryId: string
  lexical: number | null
  vector: number | null
  terms: { term: string; frequency: number; score: number }[]
}

/** What came of a search, stage by stage. */
export interface SearchTrace {
  /** Text search configurations that the question was stemmed with, the likeliest first. */
  languages: string[]
  /** The question's stems that the corpus has, the rarest first. */
  terms: { term: string; entries: number; weight: number; isLookedUp: boolean }[]
  averageLength: number
  /** Entries that could be found, before and after the filter. */
  entries: { scope: number; filtered: number }
  legs: { lexical: number; vector: number; fused: number }
  vectors: { model: string; entries: number; way: 'exact' | 'index' }[]
}

/**
 * Pages and passages. Those of a version that is being made are hidden until `publish`, and writing them answers false
 * when the version is wanted no more: the document was deleted, replaced or given up.
 */
export interface KnowledgeRepository {
  savePages(call: Call, work: DocumentWork, pages: readonly ExtractedPage[]): Promise<boolean>
  /** Pages of the version that is being made, in order. */
  pendingPages(call: Call, work: DocumentWork, after: number, limit: number): Promise<ExtractedPage[]>
  /** Which passages of it are stored already. */
  storedOrdinals(call: Call, work: DocumentWork): Promise<Set<number>>
  /** Vectors that the workspace has of texts by their hash, as `NewEntry.embedding` takes them. */
  vectors(call: Call, model: string, hashes: readonly string[]): Promise<Map<string, string>>
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
  /** In order, from after the cursor; of the version that search sees, or of the first one while it is being made. */
  pages(call: Call, documentId: string, asked: PageQuery): Promise<Page<PageSummary>>
  passages(call: Call, documentId: string, asked: PageQuery & { page?: number | undefined }): Promise<Page<Passage>>
  /** Gives a document another name or other tags; search knows it by them at once. False when there is none. */
  rename(call: Call, documentId: string, change: { name?: string; tags?: readonly string[] }): Promise<boolean>
  /** One statement; best first. Nothing of another workspace can be among its candidates. */
  search(call: Call, query: SearchQuery): Promise<SearchFound>
  /** What each leg says of these passages, or of the best of a document, whether it brought them or not. */
  standings(
    call: Call,
    query: SearchQuery,
    trace: SearchTrace,
    of: { entryIds: readonly string[] } | { documentId: string },
  ): Promise<Standing[]>
  /**
   * Texts of a few passages in which an acronym seems to be defined. It is looked for by its stems; by none of them where it
   * is a word that is left out of every search, and then in a small scope only.
   */
  definingPassages(
    call: Call,
    query: Pick<SearchQuery, 'collectionIds'>,
    acronym: string,
    stems: readonly string[],
  ): Promise<string[]>
  /** A document as a search sees it; undefined when nothing of it can be found by this caller in this scope. */
  searchable(
    call: Call,
    query: Pick<SearchQuery, 'collectionIds' | 'filter'>,
    documentId: string,
  ): Promise<{ passages: number; isFiltered: boolean } | undefined>
}

/** Indexes of vectors, one for each model that has made many. */
export interface VectorIndexes {
  /** A scope of fewer passages is looked through one by one: an index over all tenants would have to skip the others'. */
  readonly exactBelow: number
  /** The models whose vectors are indexed. Looked up once a minute, so that a search asks nobody. */
  indexed(): Promise<ReadonlySet<string>>
  /** Makes what is missing and takes away what is not needed. Searches and writes go on meanwhile. */
  tend(): Promise<{ made: string[]; dropped: string[] }>
}
