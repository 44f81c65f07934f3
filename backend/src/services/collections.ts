import {
  type ChangeCollection,
  ChunkProfile,
  type Collection,
  type CreateCollection,
  type EmbeddingModel,
} from '@nitroagi/shared/collections'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { Audit } from './audit.ts'

/** The jobs that go on after a collection has changed or gone; the key of each is the collection's id. */
export const reindexCollectionKind = 'reindex-collection'
export const removeCollectionKind = 'remove-collection'

export type Collections = ReturnType<typeof createCollections>

interface Needs {
  collections: CollectionsRepository
  embedders: Embedders
  jobs: Pick<JobQueue, 'send'>
  audit: Pick<Audit, 'together' | 'record'>
}

export function createCollections({ collections, embedders, jobs, audit }: Needs) {
  async function find(call: Call, id: string): Promise<Collection> {
    const collection = await collections.find(call, id)
    if (!collection) throw noCollection()
    return collection
  }

  /** The collection, for somebody who decides over it. */
  async function owned(call: Call, id: string): Promise<Collection> {
    const collection = await find(call, id)
    if (collection.role !== 'owner') {
      throw new NitroError('forbidden', 'Only an owner of this collection can change or delete it')
    }
    return collection
  }

  function checkModel(id: string): void {
    if (embedders.find(id)) return
    const known = embedders.list().map((embedder) => embedder.id)
    throw new NitroError('invalid_input', `There is no embedding model ${id} here, only ${known.join(', ')}`)
  }

  function checkFormer(id: string): void {
    if (embedders.find(id)) return
    throw new NitroError(
      'conflict',
      `The documents were made with ${id}, which is not set up here any more. Set it up again, or choose another model.`,
    )
  }

  return {
    list: (call: Call): Promise<Collection[]> => collections.list(call),
    find,
    owned,

    embeddingModels: (): EmbeddingModel[] =>
      embedders.list().map(({ id, dimensions, location }) => ({
        id,
        dimensions,
        location,
        isDefault: id === embedders.default.id,
      })),

    async create(call: Call, wanted: CreateCollection): Promise<Collection> {
      const { name, embeddingModel = embedders.default.id } = wanted
      if (call.actor.role === 'viewer') throw new NitroError('forbidden', 'A viewer cannot make a collection')
      checkModel(embeddingModel)
      return audit.together(async () => {
        const collection = await collections.create(call, { ...wanted, embeddingModel })
        if (!collection) throw nameTaken(name)
        const { id, access } = collection
        await audit.record(call, { action: 'collection.create', targetId: id, facts: { access } })
        return collection
      })
    },

    /** Another model or profile takes effect document by document, in the background; until then search uses the old one. */
    async change(call: Call, id: string, { chunkProfile, ...change }: ChangeCollection): Promise<Collection> {
      const before = await owned(call, id)
      const { name = before.name, embeddingModel = before.embeddingModel } = change
      if (embeddingModel !== before.embeddingModel) checkModel(embeddingModel)
      const isOtherProfile = chunkProfile !== undefined && !isSameProfile(chunkProfile, before.chunkProfile)
      const changes = { ...change, ...(isOtherProfile ? { chunkProfile } : {}) }
      const changed = await audit.together(async () => {
        const after = await collections.change(call, id, changes)
        if (after === 'name-taken') throw nameTaken(name)
        if (!after) throw noCollection()
        const access = after.access === before.access ? {} : { access: after.access, accessBefore: before.access }
        const facts = { changed: Object.keys(changes), ...access }
        await audit.record(call, { action: 'collection.change', targetId: id, facts })
        return after
      })
      if (isOtherProfile || embeddingModel !== before.embeddingModel) {
        await jobs.send(reindexCollectionKind, payloadOf(call, id), { key: id })
      }
      return changed
    },

    /** Goes on with the model and profile of before; documents that have the new ones already are made back in the background. */
    async cancelReindexing(call: Call, id: string): Promise<Collection> {
      await owned(call, id)
      const collection = await collections.goBack(call, id, checkFormer)
      if (!collection) throw new NitroError('conflict', 'No document of this collection is being made anew')
      await jobs.send(reindexCollectionKind, payloadOf(call, id), { key: id })
      return collection
    },

    /** Gone for everybody when this resolves, however much is in it; what it holds is cleared away in the background. */
    async delete(call: Call, id: string): Promise<void> {
      await owned(call, id)
      const isHidden = await audit.together(async () => {
        if (!(await collections.hide(call, id))) return false
        await audit.record(call, { action: 'collection.delete', targetId: id })
        return true
      })
      if (isHidden) await jobs.send(removeCollectionKind, payloadOf(call, id), { key: id })
    },
  }
}

export interface CollectionPayload {
  workspaceId: string
  collectionId: string
  ownerId: string
}

const payloadOf = ({ actor }: Call, collectionId: string): CollectionPayload => ({
  workspaceId: actor.workspaceId,
  collectionId,
  ownerId: actor.userId,
})

/** As they are read, so that what an older version left out is what it means now. */
const isSameProfile = (one: ChunkProfile, other: ChunkProfile) =>
  Object.entries(ChunkProfile.parse(one)).every(([key, value]) => other[key as keyof ChunkProfile] === value)

const noCollection = () => new NitroError('not_found', 'There is no such collection')
const nameTaken = (name: string) => new NitroError('conflict', `There is a collection named "${name}" already`)
