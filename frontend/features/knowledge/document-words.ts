import type { Document } from '@nitroagi/shared/knowledge'

/** What is happening to a document, with as much progress as is known. */
export function progressOf(document: Document): { words: string; fraction: number | null } | undefined {
  const { status, pagesDone, pagesTotal, chunksDone, chunksTotal } = document
  switch (status) {
    case 'received':
      return { words: 'Waiting to be read', fraction: null }
    case 'extracting':
      return pagesTotal
        ? {
            words: `Reading page ${Math.min(pagesDone + 1, pagesTotal)} of ${pagesTotal}`,
            fraction: pagesDone / pagesTotal,
          }
        : { words: pagesDone > 0 ? `Reading, ${pagesDone} pages so far` : 'Reading', fraction: null }
    case 'embedding':
      return chunksTotal
        ? { words: `Indexing ${chunksDone} of ${chunksTotal} passages`, fraction: chunksDone / chunksTotal }
        : { words: 'Indexing', fraction: null }
    case 'deleting':
      return { words: 'Deleting', fraction: null }
    default:
      return undefined
  }
}

/** The file's kind in two to four letters, for its tile. */
export function kindOf({ name, mediaType }: Pick<Document, 'name' | 'mediaType'>): string {
  const ending = /\.([a-z0-9]{2,4})$/i.exec(name)?.[1]
  return (ending ?? mediaType.split('/')[1]?.slice(0, 4) ?? 'file').toUpperCase()
}

/** What stands in the file itself does not change by reading it again; such a document needs another file. */
export const mayWorkAgain = ({ status, error }: Pick<Document, 'status' | 'error'>): boolean =>
  status === 'failed' && !error?.code.startsWith('document_')
