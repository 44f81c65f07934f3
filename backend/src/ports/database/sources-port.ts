import type { Page } from '@nitroagi/shared/paging'
import type { CreateSource, Source, SourcePage, SourceSettings } from '@nitroagi/shared/sources'
import type { Call } from '../../call.ts'

/** A source with what only the backend needs. */
export interface StoredSource extends Source {
  workspaceId: string
  ownerId: string
  /** Where its first page was found in the end; null until it was. */
  root: string | null
  /** Of the feed itself, as of its latest whole round. */
  etag: string | null
  lastModified: string | null
  failures: number
  round: number
}

/** A source that is being fetched. */
export interface SourceWork {
  source: StoredSource
  /** False when an earlier process began this round. */
  isNewRound: boolean
  roundStartedAt: Date
}

/** Pages of a round: those that became documents or are some, those that failed, and all that were looked at. */
export interface RoundProgress {
  documents: number
  failed: number
  settled: number
}

export type PageOutcome = 'added' | 'changed' | 'unchanged' | 'skipped' | 'failed' | 'removed'

export interface QueuedPage {
  url: string
  depth: number
  /** What was known of it before; null also when its document is gone, so that it is fetched anew. */
  etag: string | null
  lastModified: string | null
  textHash: string | null
  documentId: string | null
  misses: number
}

export interface SettledPage {
  url: string
  outcome: PageOutcome
  reason?: string | null
  /** What is absent stays as it was. */
  etag?: string | null
  lastModified?: string | null
  textHash?: string | null
  documentId?: string | null
  misses?: number
}

/** A source of a collection that the caller may not read is not there. */
export interface SourcesRepository {
  list(call: Call, collectionId: string): Promise<StoredSource[]>
  find(call: Call, id: string): Promise<StoredSource | undefined>
  /** Undefined when the collection has this one already. */
  create(call: Call, collectionId: string, source: CreateSource): Promise<StoredSource | undefined>
  change(
    call: Call,
    id: string,
    change: { scheduleHours?: number | null; paused?: boolean; settings?: SourceSettings },
  ): Promise<StoredSource | undefined>
  /** Documents that came from it stay, and know of it no more. */
  remove(call: Call, id: string): Promise<void>
  documentIds(call: Call, id: string): Promise<string[]>
  pages(call: Call, id: string, page: { limit: number; cursor?: string | undefined }): Promise<Page<SourcePage>>
  /** To be fetched now, unless it is being fetched. */
  wake(call: Call, id: string): Promise<void>

  /** Of all workspaces: what somebody wants fetched, what is due, and what was cut. */
  due(): Promise<{ workspaceId: string; id: string; ownerId: string }[]>
  /** Undefined when nothing is to be done: it is gone, paused, or was fetched. */
  begin(call: Call, id: string): Promise<SourceWork | undefined>
  /** How far this round is; undefined when it is wanted no more: the source is gone, paused, or in another round. */
  progress(call: Call, source: StoredSource): Promise<RoundProgress | undefined>
  describe(
    call: Call,
    source: StoredSource,
    known: { root?: string; name?: string; etag?: string | null; lastModified?: string | null },
  ): Promise<void>
  /** Adds them to this round, except those that are in it, and no more than so many in all. */
  queue(
    call: Call,
    source: StoredSource,
    pages: readonly { url: string; depth: number }[],
    pagesAtMost: number,
  ): Promise<void>
  /** Every page of earlier rounds is looked at again. */
  queueKnown(call: Call, source: StoredSource): Promise<void>
  /** The next to be fetched: nearest to the first page, oldest first. */
  next(call: Call, source: StoredSource): Promise<QueuedPage | undefined>
  /** A page of this round or any earlier one. */
  known(call: Call, source: StoredSource, url: string): Promise<(QueuedPage & { isSettled: boolean }) | undefined>
  /** False when the source is gone. */
  settle(call: Call, source: StoredSource, page: SettledPage & { depth?: number }): Promise<boolean>
  finish(
    call: Call,
    source: StoredSource,
    end: {
      error: { code: string; message: string } | null
      notice: string | null
      failures: number
      paused: boolean
      nextFetchAt: Date | null
    },
  ): Promise<void>
}
