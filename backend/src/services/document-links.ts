import type { DocumentLink } from '@nitroagi/shared/document-links'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import { noDocument } from './documents.ts'

export type DocumentLinks = ReturnType<typeof createDocumentLinks>

interface Needs {
  documents: Pick<DocumentsRepository, 'find'>
  objectStore: Pick<ObjectStore, 'link'>
}

/** Long enough to begin a download, too short to be worth passing on. */
const linkSeconds = 5 * 60

/** Originals straight from the object store, so that large files need not go through the backend. */
export function createDocumentLinks({ documents, objectStore }: Needs) {
  return {
    async create(call: Call, id: string): Promise<DocumentLink> {
      const document = await documents.find(call, id)
      if (!document) throw noDocument()
      if (document.objectKey === null) throw new NitroError('not_found', 'This document has no original')
      if (!objectStore.link) {
        throw new NitroError('conflict', `The files are kept in a folder: get /api/v1/documents/${id}/content instead`)
      }
      const expiresAt = new Date(Date.now() + linkSeconds * 1000).toISOString()
      // Whatever it says that it is, a browser saves it and shows nothing of it.
      const mediaType = 'application/octet-stream'
      const url = await objectStore.link(document.objectKey, { seconds: linkSeconds, name: document.name, mediaType })
      return { url, expiresAt }
    },
  }
}
