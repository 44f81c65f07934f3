import { NitroError } from '@nitroagi/shared/errors'
import type { Collection, CreateCollection } from '@nitroagi/shared/collections'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'

export type Collections = ReturnType<typeof createCollections>

interface Needs {
  collections: CollectionsRepository
  documents: DocumentsRepository
  objectStore: ObjectStore
  embedders: Embedders
}

export function createCollections({ collections, documents, objectStore, embedders }: Needs) {
  async function find(call: Call, id: string): Promise<Collection> {
    const collection = await collections.find(call, id)
    if (!collection) throw new NitroError('not_found', 'There is no such collection')
    return collection
  }

  return {
    list: (call: Call): Promise<Collection[]> => collections.list(call),
    find,
    async create(call: Call, wanted: CreateCollection): Promise<Collection> {
      const { name, embeddingModel = embedders.default.id } = wanted
      if (!embedders.find(embeddingModel)) {
        const known = embedders.list().map(({ id }) => id)
        throw new NitroError(
          'invalid_input',
          `There is no embedding model ${embeddingModel} here, only ${known.join(', ')}`,
        )
      }
      const collection = await collections.create(call, { ...wanted, embeddingModel })
      if (!collection) throw new NitroError('conflict', `There is a collection named "${name}" already`)
      return collection
    },
    /** With its documents, their passages and their bytes; what is being read is given up. */
    async delete(call: Call, id: string): Promise<void> {
      const { role } = await find(call, id)
      if (role !== 'owner') throw new NitroError('forbidden', 'Only an owner of this collection can delete it')
      const gone = await documents.markDeleting(call, { collectionId: id })
      await Promise.all(gone.flatMap(({ objectKey }) => objectKey ?? []).map((key) => objectStore.delete(key)))
      await collections.delete(call, id)
    },
  }
}
