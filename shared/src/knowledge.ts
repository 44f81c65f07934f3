import { z } from 'zod'
import { Tag, Tags } from './collections.ts'
import { limits } from './limits.ts'
import { pageOf, PageQuery } from './paging.ts'
import { HitExplanation, SearchExplanation, SearchNotice } from './search.ts'

/** received → extracting → embedding → ready | failed. `deleting` is shown until the rows and bytes are gone. */
export const DocumentStatus = z.enum(['received', 'extracting', 'embedding', 'ready', 'failed', 'deleting'])
export type DocumentStatus = z.infer<typeof DocumentStatus>

/** How far the stage that a document is in has come. What is not known yet is null. */
export const DocumentProgress = z.object({
  /** Pages are extracted, passages embedded. */
  stage: z.enum(['extracting', 'embedding']),
  done: z.number().int(),
  total: z.number().int().nullable(),
  /** Measured over the last seconds of work. */
  perSecond: z.number().nullable(),
  /** Of this stage, if it goes on so. */
  secondsLeft: z.number().int().nullable(),
})
export type DocumentProgress = z.infer<typeof DocumentProgress>

export const Document = z.object({
  id: z.uuid(),
  collectionId: z.uuid(),
  externalId: z.string().nullable(),
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number().int(),
  status: DocumentStatus,
  /** What went wrong, in words; set exactly when `status` is `failed`. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Somebody wants it not to be worked on for now; what is stored of it stays. */
  paused: z.boolean(),
  tags: z.array(z.string()),
  /** When it was written, sent or published, where it says so itself. */
  documentDate: z.iso.datetime().nullable(),
  /** What its words were stemmed as, such as `english`; null until that is known. */
  language: z.string().nullable(),
  /** The web page that it was fetched from. */
  sourceUrl: z.string().nullable(),
  /** Something worth knowing about a document that is ready, such as "2 pages had no text". */
  notice: z.string().nullable(),
  pagesTotal: z.number().int().nullable(),
  pagesDone: z.number().int(),
  chunksTotal: z.number().int().nullable(),
  chunksDone: z.number().int(),
  /** Null while nothing is being done with it. */
  progress: DocumentProgress.nullable(),
  /** Counts what search has seen of it; 0 while it has seen nothing. An older version is searched until the next is ready. */
  version: z.number().int(),
  /** Whether its bytes are kept, so that they can be read again. Lines of an import have none. */
  hasOriginal: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Document = z.infer<typeof Document>
export const DocumentPage = pageOf(Document)

/** What a person sees of where a document is: being worked on, or left alone for one reason or another. */
export const DocumentState = z.enum(['working', 'ready', 'paused', 'failed'])
export type DocumentState = z.infer<typeof DocumentState>

/** Which documents of a list are wanted; what is absent does not narrow it. */
export const DocumentFilter = z.object({
  /** Part of the name, in whatever case. */
  name: z.string().trim().min(1).max(500).optional(),
  state: DocumentState.optional(),
  tag: Tag.optional(),
})
export type DocumentFilter = z.infer<typeof DocumentFilter>
export const DocumentQuery = PageQuery.extend(DocumentFilter.shape)
export type DocumentQuery = z.infer<typeof DocumentQuery>

/** Query of `POST /api/v1/collections/:id/documents`; the body is the file's bytes, streamed. */
export const UploadQuery = z.object({
  name: z.string().trim().min(1).max(500),
  externalId: z.string().max(500).optional(),
  /** The document that these bytes are a new version of; what it was is searched until they are read. */
  replace: z.uuid().optional(),
})
export type UploadQuery = z.infer<typeof UploadQuery>

/** `created: false` when the same bytes were already in the collection; a JSONL import makes many documents. */
export const UploadResult = z.object({
  documents: z.array(Document),
  created: z.boolean(),
  /** Documents that a JSONL import made; `documents` then holds the import itself only. */
  imported: z.number().int().optional(),
})
export type UploadResult = z.infer<typeof UploadResult>

/** What is absent stays. Search knows it by the new name and tags at once. */
export const ChangeDocument = z.strictObject({
  name: z.string().trim().min(1).max(500).optional(),
  tags: Tags.optional(),
})
export type ChangeDocument = z.infer<typeof ChangeDocument>

/** The text that a page shall have; the passages that it changes are made anew, and all others stay. */
export const EditPage = z.strictObject({ text: z.string().max(limits.pageCharacters) })
export type EditPage = z.infer<typeof EditPage>

/** How a page's text was got: written in the file, read from a picture of it, or put right by a person. */
export const PageOrigin = z.enum(['text', 'ocr', 'edited'])
export type PageOrigin = z.infer<typeof PageOrigin>

/** The extracted text of one page, which citations' offsets point into. */
export const PageText = z.object({
  documentId: z.uuid(),
  name: z.string(),
  mediaType: z.string(),
  page: z.number().int().positive(),
  pagesTotal: z.number().int().positive(),
  /** What the page is called where it is no page: "Slide 3", "Sheet Sales". */
  label: z.string().nullable(),
  origin: PageOrigin,
  text: z.string(),
})
export type PageText = z.infer<typeof PageText>

/** What is known of a page without its text. */
export const PageSummary = z.object({
  number: z.number().int().positive(),
  label: z.string().nullable(),
  origin: PageOrigin,
  /** How sure the reader of its picture was, 0..1; null where nothing was read from a picture. */
  confidence: z.number().nullable(),
  characters: z.number().int(),
  /** Those that are embedded. */
  passages: z.number().int(),
  /** What went wrong with it, in words. */
  note: z.string().nullable(),
})
export type PageSummary = z.infer<typeof PageSummary>
export const PageSummaryPage = pageOf(PageSummary)

/** A passage as it was cut: `content` is the page's text from `start` to `end`, in UTF-16 units. */
export const Passage = z.object({
  ordinal: z.number().int(),
  page: z.number().int().positive(),
  start: z.number().int(),
  end: z.number().int(),
  heading: z.string(),
  content: z.string(),
})
export type Passage = z.infer<typeof Passage>
export const PassagePage = pageOf(Passage)

/** What has pages that can be looked at; of everything else there is the text. */
const pagePictures = ['application/pdf', 'image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp']
export const hasPagePictures = (mediaType: string) => pagePictures.includes(mediaType)

/** Query of a page's picture, which is a PNG. */
export const PictureQuery = z.object({ width: z.coerce.number().int().min(100).max(2_400).default(1_000) })

export const MarksQuery = z.object({
  start: z.coerce.number().int().min(0).max(100_000_000),
  end: z.coerce.number().int().min(0).max(100_000_000),
})

/** Where characters of a page's text stand on its picture. */
export const PageMarks = z.object({
  /** Of the page, in a unit of its own. */
  width: z.number().positive(),
  height: z.number().positive(),
  /** In fractions of the page from its upper left corner, a box a line; null when nobody can tell. */
  boxes: z.array(z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })).nullable(),
})
export type PageMarks = z.infer<typeof PageMarks>

export const SearchRequest = z.strictObject({
  query: z.string().trim().min(1).max(limits.searchCharacters),
  limit: z.number().int().min(1).max(limits.searchResults).default(10),
  /** Absent: every collection that one may read. */
  collectionIds: z.array(z.uuid()).max(50).optional(),
  /** Of documents with at least one of these. */
  tags: Tags.optional(),
  mediaTypes: z.array(z.string().max(200)).max(20).optional(),
  /** By the document's own date, or else by when it came. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  /** What every stage thought of each hit; with a document, the first stage that lost it too. */
  explain: z.boolean().optional(),
  explainDocumentId: z.uuid().optional(),
  /** `varied`: neighbours joined, what says the same shown once, and few passages of one document near the top. */
  arrange: z.enum(['plain', 'varied']).optional(),
  /** Whether a configured reranker looks at the best passages again; yes unless it is refused. */
  rerank: z.boolean().optional(),
  /**
   * `rules` leaves out words such as "can you tell me", searches for each of several questions, and for acronyms also as the
   * documents spell them out; it is what happens unless `none` is said. With `model`, a language model rewords it too.
   */
  rewrite: z.enum(['none', 'rules', 'model']).optional(),
})
export type SearchRequest = z.input<typeof SearchRequest>

export const SearchHit = z.object({
  entryId: z.uuid(),
  documentId: z.uuid(),
  externalId: z.string().nullable(),
  collectionId: z.uuid(),
  title: z.string(),
  mediaType: z.string(),
  content: z.string(),
  page: z.number().int().positive(),
  /** What the page is called where it is no page: "Slide 3", "Sheet Sales". */
  pageLabel: z.string().nullish(),
  /** UTF-16 offsets of `content` in the page's text. */
  start: z.number().int(),
  end: z.number().int(),
  /** Higher is better; the fused score that the order follows. */
  score: z.number(),
  /** What each leg said; null when that leg did not find the passage. */
  scores: z.object({ lexical: z.number().nullable(), vector: z.number().nullable() }),
  /** Only when it was asked for. */
  explanation: HitExplanation.optional(),
})
export type SearchHit = z.infer<typeof SearchHit>

export const SearchResult = z.object({
  hits: z.array(SearchHit),
  tookMs: z.number(),
  /** What could not be done for this search; absent when all was. */
  notices: z.array(SearchNotice).optional(),
  explanation: SearchExplanation.optional(),
})
export type SearchResult = z.infer<typeof SearchResult>

/** Server-sent while documents are being read; the page shows them live. */
export const DocumentEvent = z.object({ type: z.literal('document'), document: Document })
export type DocumentEvent = z.infer<typeof DocumentEvent>
