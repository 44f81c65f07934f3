import type { Collection } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'

export interface CollectionsRepository {
  list(call: Call): Promise<Collection[]>
  find(call: Call, id: string): Promise<Collection | undefined>
  /** Undefined when the workspace has one of this name. */
  create(call: Call, collection: { name: string; embeddingModel: string }): Promise<Collection | undefined>
  /** With all that is in it. */
  delete(call: Call, id: string): Promise<void>
}
