import { z } from 'zod'
import { limits } from './limits.ts'
import { pageOf } from './paging.ts'

/** One page or file; a site, from a page on; a feed (RSS, Atom, JSON Feed) with its entries. */
export const SourceKind = z.enum(['url', 'site', 'feed'])
export type SourceKind = z.infer<typeof SourceKind>

/** `failed` comes again by itself when `nextFetchAt` is set; `paused` waits for a person, and `error` may say why. */
export const SourceStatus = z.enum(['waiting', 'fetching', 'ready', 'failed', 'paused'])
export type SourceStatus = z.infer<typeof SourceStatus>

/** What a kind has no use for is kept and does nothing. */
export const SourceSettings = z.strictObject({
  /** Of a site: pages at most, and links away from the first at most. */
  maxPages: z.number().int().min(1).max(limits.sitePages).default(100),
  maxDepth: z.number().int().min(0).max(20).default(5),
  /** Of a feed: newest entries at most, and whether the page behind each is fetched in place of what the feed says. */
  maxEntries: z.number().int().min(1).max(200).default(50),
  fullPages: z.boolean().default(false),
})
export type SourceSettings = z.infer<typeof SourceSettings>

export const ScheduleHours = z
  .number()
  .int()
  .min(1)
  .max(24 * 90)

/** What the latest fetch did, in pages or entries. While it runs they grow. */
export const SourceCounters = z.object({
  /** Known so far, those that wait included. */
  found: z.number().int(),
  /** Of these: looked at. */
  done: z.number().int(),
  added: z.number().int(),
  changed: z.number().int(),
  unchanged: z.number().int(),
  removed: z.number().int(),
  /** Left out on purpose (robots.txt, noindex, another place), and those that could not be fetched. */
  skipped: z.number().int(),
  failed: z.number().int(),
})
export type SourceCounters = z.infer<typeof SourceCounters>

export const Source = z.object({
  id: z.uuid(),
  collectionId: z.uuid(),
  kind: SourceKind,
  url: z.string(),
  /** The title that the page or feed gives itself; its address until that is known. */
  name: z.string(),
  settings: SourceSettings,
  /** Null: only when somebody asks. */
  scheduleHours: z.number().int().nullable(),
  status: SourceStatus,
  /** Why the latest fetch failed, or why it is paused. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Something worth knowing about a fetch that went well, such as "stopped at 100 pages". */
  notice: z.string().nullable(),
  /** Documents in the collection that came from it. */
  documentCount: z.number().int(),
  counters: SourceCounters,
  lastFetchedAt: z.iso.datetime().nullable(),
  nextFetchAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
})
export type Source = z.infer<typeof Source>
export const SourceList = z.object({ items: z.array(Source) })

/** Body of `POST /api/v1/collections/:id/sources`; it is fetched at once, in the background. */
export const CreateSource = z.strictObject({
  kind: SourceKind,
  url: z.string().trim().min(1).max(limits.sourceUrlCharacters),
  scheduleHours: ScheduleHours.nullable().default(null),
  settings: SourceSettings.prefault({}),
})
export type CreateSource = z.infer<typeof CreateSource>

/** Body of `PATCH /api/v1/sources/:id`. What is absent stays. */
export const ChangeSource = z.strictObject({
  scheduleHours: ScheduleHours.nullable().optional(),
  paused: z.boolean().optional(),
  settings: SourceSettings.partial().optional(),
})
export type ChangeSource = z.infer<typeof ChangeSource>

/** Query of `DELETE /api/v1/sources/:id`. */
export const DeleteSourceQuery = z.object({ documents: z.enum(['keep', 'delete']).default('keep') })
export type DeleteSourceQuery = z.infer<typeof DeleteSourceQuery>

export const SourcePageState = z.enum(['queued', 'done', 'skipped', 'failed', 'gone'])
export type SourcePageState = z.infer<typeof SourcePageState>

/** A page or entry of a source, and what became of it. `GET /api/v1/sources/:id/pages` */
export const SourcePage = z.object({
  url: z.string(),
  state: SourcePageState,
  /** Why it was left out or failed. */
  reason: z.string().nullable(),
  documentId: z.uuid().nullable(),
  fetchedAt: z.iso.datetime().nullable(),
})
export type SourcePage = z.infer<typeof SourcePage>
export const SourcePageList = pageOf(SourcePage)

/** Body of `POST /api/v1/collections/:id/texts`: a pasted text as a document. Answers with an `UploadResult`. */
export const AddText = z.strictObject({
  title: z.string().trim().min(1).max(limits.nameCharacters),
  text: z.string().min(1).max(limits.pastedCharacters).regex(/\S/, 'There is no text in it'),
})
export type AddText = z.infer<typeof AddText>
