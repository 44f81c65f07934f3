import { setTimeout as wait } from 'node:timers/promises'
import type { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import type {
  ChangeDocument,
  Document,
  DocumentEvent,
  DocumentQuery,
  PageSummary,
  PageText,
  Passage,
  UploadQuery,
  UploadResult,
} from '@nitroagi/shared/knowledge'
import type { Page, PageQuery } from '@nitroagi/shared/paging'
import type { Call } from '../call.ts'
import { cleanText } from '../ingestion/pages.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { DocumentsRepository, StoredDocument } from '../ports/database/documents-port.ts'
import type { KnowledgeRepository } from '../ports/database/knowledge-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import type { Audit } from './audit.ts'
import type { DocumentFeed } from './document-feed.ts'
import { createDocumentIntake, documentOf, ingestDocumentKind, payloadOf } from './document-intake.ts'
import { safePath } from './file-name.ts'

export type Documents = ReturnType<typeof createDocuments>

interface Needs {
  collections: CollectionsRepository
  documents: DocumentsRepository
  knowledge: KnowledgeRepository
  objectStore: ObjectStore
  jobs: JobQueue
  feed: DocumentFeed
  audit: Pick<Audit, 'together' | 'record'>
}

/** How often changes that other processes made are looked for, while somebody watches. */
const pollMs = 1_000
const burstMs = 150
const overlapMs = 3_000

export function createDocuments({ collections, documents, knowledge, objectStore, jobs, feed, audit }: Needs) {
  const intake = createDocumentIntake({ documents, objectStore, jobs, feed })

  async function find(call: Call, id: string): Promise<StoredDocument> {
    const document = await documents.find(call, id)
    if (!document) throw noDocument()
    return document
  }

  /** The document, for somebody who may change it. */
  async function editable(call: Call, id: string): Promise<StoredDocument> {
    const document = await find(call, id)
    await checkEditor(call, document.collectionId)
    return document
  }

  async function checkEditor(call: Call, collectionId: string): Promise<void> {
    const collection = await collections.find(call, collectionId)
    if (!collection) throw new NitroError('not_found', 'There is no such collection')
    if (collection.role === 'reader') {
      throw new NitroError('forbidden', 'You can read this collection, but not change its documents')
    }
  }

  async function announce(document: StoredDocument): Promise<void> {
    feed.tell(document.workspaceId)
    if (!isWorking(document)) return
    await jobs.send(ingestDocumentKind, payloadOf(document), { key: document.id })
  }

  const begun = async (document: StoredDocument): Promise<Document> => {
    await announce(document)
    return documentOf(document)
  }

  /** What is gone is told to those only who could see it. */
  async function* toldOf(call: Call, deleted: Document[]): AsyncGenerator<DocumentEvent> {
    if (deleted.length === 0) return
    const readable = await collections.readable(call, [...new Set(deleted.map(({ collectionId }) => collectionId))])
    for (const document of deleted) {
      if (readable.some(({ id }) => id === document.collectionId)) yield { type: 'document', document }
    }
  }

  return {
    async list(call: Call, query: DocumentQuery & { collectionId?: string }): Promise<Page<Document>> {
      const { items, nextCursor } = await documents.list(call, query)
      return { items: items.map(documentOf), nextCursor }
    },

    find: async (call: Call, id: string): Promise<Document> => documentOf(await find(call, id)),

    /** Streams the bytes to the object store and hands them to the job; the answer does not wait for the reading. */
    async upload(
      call: Call,
      collectionId: string,
      { name, externalId, replace }: UploadQuery,
      body: Readable | ReadableStream<Uint8Array>,
    ): Promise<UploadResult> {
      const { actor } = call
      const bound = actor.via === 'ticket' && actor.collectionId !== collectionId
      if (bound) throw new NitroError('not_found', 'There is no such collection')
      await checkEditor(call, collectionId)
      const fileName = safePath(name, 'document')
      const { received } = await intake.receive(call, fileName, body)
      const about = { collectionId, externalId, replace, name: fileName }
      const { document, created } = await intake.take(call, about, received)
      return { documents: [documentOf(document)], created }
    },

    /** Gone from search at once, from the disk when this resolves. */
    async delete(call: Call, id: string): Promise<void> {
      const { collectionId } = await editable(call, id)
      const mark: DocumentsRepository['markDeleting'] = (by, which) =>
        audit.together(async () => {
          const marked = await documents.markDeleting(by, which)
          if (marked.length === 0) throw noDocument()
          await audit.record(call, { action: 'document.delete', targetId: id, facts: { collectionId } })
          return marked
        })
      await intake.remove(call, id, mark)
    },

    /** Tries a document that failed once more. What was stored is kept, unless it is the file that was found wrong. */
    async retry(call: Call, id: string): Promise<Document> {
      const { status, error, objectKey } = await editable(call, id)
      const isFileWrong = error?.code.startsWith('document_') && objectKey !== null
      const document = isFileWrong ? await documents.read(call, id) : await documents.restart(call, id)
      if (!document) {
        throw new NitroError('conflict', `Only a document that failed can be tried again; this one is ${status}`)
      }
      return begun(document)
    },

    /** Reads its bytes again, from the first page on; what was changed by hand is gone afterwards. */
    async reread(call: Call, id: string): Promise<Document> {
      await editable(call, id)
      return begun(await documents.read(call, id))
    },

    async pause(call: Call, id: string): Promise<Document> {
      const { status } = await editable(call, id)
      const [document] = await documents.pause(call, { documentId: id })
      if (!document) throw new NitroError('conflict', `There is nothing to pause: this document is ${status}`)
      feed.tell(document.workspaceId)
      return documentOf(document)
    },

    /** Goes on where it was paused; one that is not paused stays as it is. */
    async resume(call: Call, id: string): Promise<Document> {
      const stored = await editable(call, id)
      const [document] = await documents.resume(call, { documentId: id })
      return document ? begun(document) : documentOf(stored)
    },

    /** Gives how many documents it changed. */
    async pauseAll(call: Call, collectionId: string): Promise<number> {
      await checkEditor(call, collectionId)
      const paused = await documents.pause(call, { collectionId })
      feed.tell(call.actor.workspaceId)
      return paused.length
    },

    async resumeAll(call: Call, collectionId: string): Promise<number> {
      await checkEditor(call, collectionId)
      const resumed = await documents.resume(call, { collectionId })
      for (const document of resumed) await announce(document)
      return resumed.length
    },

    async change(call: Call, id: string, { name, tags }: ChangeDocument): Promise<Document> {
      const { name: before } = await editable(call, id)
      const changed = await knowledge.rename(call, id, {
        ...(name !== undefined && { name: safePath(name, before) }),
        ...(tags !== undefined && { tags: [...new Set(tags)] }),
      })
      if (!changed) throw noDocument()
      feed.tell(call.actor.workspaceId)
      return documentOf(await find(call, id))
    },

    async pages(call: Call, id: string, query: PageQuery): Promise<Page<PageSummary>> {
      await find(call, id)
      return knowledge.pages(call, id, query)
    },

    async passages(call: Call, id: string, query: PageQuery & { page?: number }): Promise<Page<Passage>> {
      await find(call, id)
      return knowledge.passages(call, id, query)
    },

    /** Puts a page's text right by hand. Search sees the page as it was until the new passages are there. */
    async editPage(call: Call, id: string, number: number, text: string): Promise<Document> {
      await editable(call, id)
      return begun(await documents.edit(call, id, { number, text: cleanText(text).trim() }))
    },

    async page(call: Call, id: string, number: number): Promise<PageText> {
      const page = await knowledge.page(call, id, number)
      if (!page) throw new NitroError('not_found', 'There is no such page')
      return page
    },

    /** Every change to the workspace's documents from now on, until the call aborts. Many changes of one become its latest. */
    async *watch(call: Call): AsyncGenerator<DocumentEvent> {
      const { workspaceId } = call.actor
      const listener = feed.listen(workspaceId)
      // Transactions end in another order than they wrote their time, so the last seconds are looked at again.
      const seen = new Map<string, string>()
      let since = new Date()
      try {
        while (!call.signal.aborted) {
          yield* toldOf(call, listener.takeDeleted())
          for (const stored of await documents.changedSince(call, new Date(since.getTime() - overlapMs))) {
            if (new Date(stored.updatedAt) > since) since = new Date(stored.updatedAt)
            if (seen.get(stored.id) === stored.updatedAt) continue
            seen.set(stored.id, stored.updatedAt)
            yield { type: 'document', document: documentOf(stored) }
          }
          await Promise.race([listener.next(), wait(pollMs, undefined, { signal: call.signal })]).catch(() => {})
          // A burst of changes is one look.
          await wait(burstMs, undefined, { signal: call.signal }).catch(() => {})
        }
      } finally {
        listener.close()
      }
    },
  }
}

const isWorking = ({ status, paused }: Document) =>
  !paused && (status === 'received' || status === 'extracting' || status === 'embedding')

export const noDocument = () => new NitroError('not_found', 'There is no such document')
