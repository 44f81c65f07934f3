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

/** A collection as a search sees it. */
export interface CollectionScope {
  id: string
  embeddingModel: string
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
  /** With all that is in it. */
  delete(call: Call, id: string): Promise<void>
}
