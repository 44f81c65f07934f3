import type { ChunkProfile, Collection, CollectionAccess } from '@nitroagi/shared/collections'
import type { Call } from '../../call.ts'

export interface NewCollection {
  name: string
  embeddingModel: string
  description?: string | undefined
  tags?: readonly string[] | undefined
  access?: CollectionAccess | undefined
  chunkProfile?: ChunkProfile | undefined
}

export type CollectionChange = { [Key in keyof NewCollection]?: NewCollection[Key] | undefined }

/** A collection as a search sees it. */
export interface CollectionScope {
  id: string
  embeddingModel: string
  /** Those that its passages have vectors of: others too while it is being re-indexed, none while it is empty. */
  models: string[]
  /** Moves with everything that changes what a search may answer. */
  version: string
}

/** A collection that the caller may not read is not there. */
export interface CollectionsRepository {
  list(call: Call): Promise<Collection[]>
  find(call: Call, id: string): Promise<Collection | undefined>
  /** Of those that are asked for, or of all: the ones that the caller may read, by id. */
  readable(call: Call, ids: readonly string[] | undefined): Promise<CollectionScope[]>
  /** The creator owns it. Undefined when the workspace has one of this name. */
  create(call: Call, collection: NewCollection): Promise<Collection | undefined>
  /** What is absent stays. With access for members alone, the caller becomes an owner by name. Undefined when it is gone. */
  change(call: Call, id: string, change: CollectionChange): Promise<Collection | 'name-taken' | undefined>
  /**
   * Gives back the model and profile of before, while documents are being made anew with others. What `check` throws about
   * that model leaves everything as it is. Undefined when there is nothing to go back to.
   */
  goBack(call: Call, id: string, check: (embeddingModel: string) => void): Promise<Collection | undefined>
  /** From now on it is there for nobody, and its name is free; the verbs below end it. False when it was gone already. */
  hide(call: Call, id: string): Promise<boolean>
  /** Of all workspaces: what was hidden and is not ended yet. */
  hidden(): Promise<{ workspaceId: string; id: string; ownerId: string }[]>
  /** Some of the documents in it, of which nothing is read any more; to be removed with their bytes. */
  takeHiddenDocuments(call: Call, id: string, limit: number): Promise<{ id: string; objectKey: string | null }[]>
  /** With all that is in it, but for the bytes. */
  delete(call: Call, id: string): Promise<void>
}
