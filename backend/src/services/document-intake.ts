import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import type { Document } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import type { Call } from '../call.ts'
import { sniff } from '../ingestion/media-type.ts'
import type { DocumentsRepository, NewDocument, StoredDocument } from '../ports/database/documents-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import type { DocumentFeed } from './document-feed.ts'

/** The job that reads a document; its key is the document's id. */
export const ingestDocumentKind = 'ingest-document'

export type DocumentIntake = ReturnType<typeof createDocumentIntake>

interface Needs {
  documents: DocumentsRepository
  objectStore: ObjectStore
  jobs: JobQueue
  feed: DocumentFeed
}

type About = Omit<NewDocument, 'objectKey' | 'sizeBytes' | 'sha256' | 'mediaType' | 'error'>

/** Bytes that are kept already, and what they are. They must be `take`n or `drop`ped. */
export interface ReceivedBytes {
  objectKey: string
  sizeBytes: number
  sha256: string
  mediaType: string
  /** Why they cannot be read, when that is known at once. */
  error?: { code: string; message: string }
}

/** How documents come in, whoever brings them: an upload, the web, an archive, a pasted text. */
export function createDocumentIntake({ documents, objectStore, jobs, feed }: Needs) {
  /** What it is, or why it cannot be read: a document that failed is kept, so that the person sees it and its reason. */
  async function identify(path: string, name: string): Promise<Pick<ReceivedBytes, 'mediaType' | 'error'>> {
    try {
      return { mediaType: await sniff(path, name) }
    } catch (error) {
      if (!(error instanceof NitroError)) throw error
      return { mediaType: 'application/octet-stream', error: { code: error.code, message: error.message } }
    }
  }

  const drop = ({ objectKey }: Pick<ReceivedBytes, 'objectKey'>) => objectStore.delete(objectKey)

  return {
    /** Streams the bytes to where they are kept, finds out what they are, and lets `look` see them as a file meanwhile. */
    async receive<Result = undefined>(
      { actor, signal }: Call,
      name: string,
      body: Readable | ReadableStream<Uint8Array>,
      look?: (path: string, received: ReceivedBytes) => Promise<Result>,
      maxBytes: number = limits.uploadBytes,
    ): Promise<{ received: ReceivedBytes; seen: Result }> {
      const objectKey = `${actor.workspaceId}/documents/${randomUUID()}`
      const stored = await objectStore.put(objectKey, body, { maxBytes, signal })
      try {
        const file = await objectStore.openFile(objectKey)
        try {
          const received = { objectKey, ...stored, ...(await identify(file.path, name)) }
          return { received, seen: (await look?.(file.path, received)) as Result }
        } finally {
          await file.release()
        }
      } catch (error) {
        await drop({ objectKey })
        throw error
      }
    },

    drop,

    /** Makes a document of them, or finds the one that they are; it is read in the background. */
    async take(
      call: Call,
      about: About,
      received: ReceivedBytes,
    ): Promise<{ document: StoredDocument; created: boolean }> {
      try {
        const { document, created, staleObjectKey } = await documents.add(call, { ...about, ...received })
        if (!created) await drop(received)
        if (staleObjectKey) await objectStore.delete(staleObjectKey)
        feed.tell(document.workspaceId)
        if (created && document.status === 'received') {
          await jobs.send(ingestDocumentKind, payloadOf(document), { key: document.id })
        }
        return { document, created }
      } catch (error) {
        // Only when no row points to them: a row without its bytes would be worse than bytes without a row.
        if (error instanceof NitroError && ['not_found', 'conflict'].includes(error.code)) await drop(received)
        throw error
      }
    },

    /** Gone from search at once, from the disk when this resolves. False when there is none. */
    async remove(call: Call, documentId: string, mark = documents.markDeleting): Promise<boolean> {
      const [document] = await mark(call, { documentId })
      if (!document) return false
      feed.tell(document.workspaceId, documentOf(document))
      if (document.objectKey) await objectStore.delete(document.objectKey)
      await documents.remove(call, [documentId])
      return true
    },
  }
}

export const payloadOf = ({ workspaceId, id, ownerId }: { workspaceId: string; id: string; ownerId: string }) => ({
  workspaceId,
  documentId: id,
  ownerId,
})

/** Without what only the backend needs. */
export function documentOf(stored: StoredDocument): Document {
  const { workspaceId: _w, ownerId: _o, objectKey: _k, pendingVersion: _p, ...document } = stored
  return document
}
