import { NitroError } from '@nitroagi/shared/errors'
import type { Collection, CreateCollection } from '@nitroagi/shared/knowledge'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { Embedder } from '../ports/embedder/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'

export type Collections = ReturnType<typeof createCollections>

interface Needs {
  collections: CollectionsRepository
  documents: DocumentsRepository
  objectStore: ObjectStore
  embedder: Embedder
}

export function createCollections({ collections, documents, objectStore, embedder }: Needs) {
  async function find(call: Call, id: string): Promise<Collection> {
    const collection = await collections.find(call, id)
    if (!collection) throw new NitroError('not_found', 'There is no such collection')
    return collection
  }

  return {
    list: (call: Call): Promise<Collection[]> => collections.list(call),
    find,
    async create(call: Call, { name }: CreateCollection): Promise<Collection> {
      const collection = await collections.create(call, { name, embeddingModel: embedder.id })
      if (!collection) throw new NitroError('conflict', `There is a collection named "${name}" already`)
      return collection
    },
    /** With its documents, their passages and their bytes; what is being read is given up. */
    async delete(call: Call, id: string): Promise<void> {
      await find(call, id)
      const gone = await documents.markDeleting(call, { collectionId: id })
      await Promise.all(gone.flatMap(({ objectKey }) => objectKey ?? []).map((key) => objectStore.delete(key)))
      await collections.delete(call, id)
    },
  }
}
