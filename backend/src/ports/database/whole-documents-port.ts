import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'

/** A document that is ready to be read from its first passage to its last. */
export interface WholeDocument {
  id: string
  title: string
  collectionId: string
  pages: number
  /** Passages of the version that search sees. */
  passages: number
  version: number
}

/** Only what the caller may read, and of that only what is complete. */
export interface WholeDocuments {
  /**
   * Those whose names hold one of the words, whatever their case, or all of them without words; newest first. Never one
   * of another workspace. `collectionIds` undefined means every collection.
   */
  named(
    call: Call,
    filter: { words: readonly string[]; collectionIds: readonly string[] | undefined; limit: number },
  ): Promise<WholeDocument[]>
  /**
   * Passages in their order, `limit` of them after the one with that ordinal. Empty at the end, and when this version is
   * no longer the one that search sees.
   */
  passages(
    call: Call,
    document: Pick<WholeDocument, 'id' | 'version'>,
    range: { after: number; limit: number },
  ): Promise<(SearchHit & { ordinal: number })[]>
}
