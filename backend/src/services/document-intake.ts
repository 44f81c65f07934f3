import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { Call } from '../call.ts'
import { sniff } from '../ingestion/media-type.ts'
import type { DocumentsRepository, NewDocument, StoredDocument } from '../ports/database/documents-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import type { DocumentFeed } from './document-feed.ts'
import { documentOf, ingestDocumentKind, payloadOf } from './documents.ts'

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

/** How documents come in that nobody uploads: from the web, out of archives, as pasted text. */
export function createDocumentIntake({ documents, objectStore, jobs, feed }: Needs) {
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
    /** Keeps the bytes, finds out what they are, and lets `look` see them as a file meanwhile. */
    async receive<Result>(
      { actor, signal }: Call,
      name: string,
      body: Readable,
      look: (path: string, received: ReceivedBytes) => Promise<Result>,
      maxBytes: number = limits.uploadBytes,
    ): Promise<{ received: ReceivedBytes; seen: Result }> {
      const objectKey = `${actor.workspaceId}/documents/${randomUUID()}`
      const stored = await objectStore.put(objectKey, body, { maxBytes, signal })
      try {
        const file = await objectStore.openFile(objectKey)
        try {
          const received = { objectKey, ...stored, ...(await identify(file.path, name)) }
          return { received, seen: await look(file.path, received) }
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
        if (error instanceof NitroError && error.code === 'not_found') await drop(received)
        throw error
      }
    },

    async remove(call: Call, documentId: string): Promise<void> {
      const [document] = await documents.markDeleting(call, { documentId })
      if (!document) return
      feed.tell(document.workspaceId, documentOf(document))
      if (document.objectKey) await objectStore.delete(document.objectKey)
      await documents.remove(call, [documentId])
    },
  }
}
