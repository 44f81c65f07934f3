import type { Call } from '../../call.ts'

/** Documents whose passages were made with another model or profile than their collection wants now. */
export interface ReindexingRepository {
  /** Of all workspaces: collections that have any. */
  collections(): Promise<{ workspaceId: string; collectionId: string; ownerId: string }[]>
  /** Some that can be begun, oldest first: ready ones, and those that failed while they were made with something else. */
  outdated(call: Call, collectionId: string, limit: number): Promise<string[]>
  /** How many of the collection are getting a new version now. */
  underway(call: Call, collectionId: string): Promise<number>
}
