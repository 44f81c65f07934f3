import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import { titleOf } from '../document-title.ts'
import { createCutter, type Piece } from '../ingestion/cut-pages.ts'
import { extract } from '../ingestion/extract.ts'
import type { ReadableType } from '../ingestion/media-type.ts'
import type { DocumentWork } from '../ports/database/documents-port.ts'
import type { ExtractedPage } from '../ports/database/knowledge-port.ts'
import type { TableDescription } from '../ports/database/tables-port.ts'
import { embedPieces } from './embed-document.ts'
import { embedderOf, type IngestionNeeds } from './ingestion.ts'

/** Pages that are written together: a cut costs at most so many. */
const pageBatch = 32
const pageBatchMs = 300
/** Pages that are cut up together; nothing is lost with them. */
const pagesTogether = 128

/**
 * Extracts, cuts up, embeds and publishes one document, going on where an earlier try was cut. False when it is wanted
 * no more.
 */
export async function readDocument(
  needs: IngestionNeeds,
  call: Call,
  work: DocumentWork,
  tell: () => void,
): Promise<boolean> {
  if (work.document.status !== 'embedding' && !(await extractPages(needs, call, work, tell))) return false
  // Said before the work is done that would be for nothing.
  embedderOf(needs, work)
  const found = await countChunks(needs, call, work)
  if (found.pages === 0 || found.empty === found.pages) throw noText(work)
  await needs.documents.describe(call, work, { chunksTotal: found.chunks, pagesTotal: found.pages })
  if (!(await embedPieces(needs, call, work, piecesOf(needs, call, work), tell))) return false
  return needs.knowledge.publish(call, work, noticeOf(found))
}

async function extractPages(needs: IngestionNeeds, call: Call, work: DocumentWork, tell: () => void): Promise<boolean> {
  const { documents, knowledge, objectStore } = needs
  const { objectKey, mediaType, name } = work.document
  if (objectKey === null) throw new NitroError('document_corrupt', 'The bytes of this document are gone')
  if (mediaType === 'application/x-cfb') {
    throw new NitroError(
      'document_password',
      'This is an Office document with a password, or one from before 2007. Save it without a password as DOCX and upload it again.',
    )
  }
  const file = await objectStore.openFile(objectKey)
  const tables: TableDescription[] = []
  const notices = new Set<string>()
  let batch: ExtractedPage[] = []
  let savedAt = Date.now()
  const save = async () => {
    const wanted = batch.length === 0 || (await knowledge.savePages(call, work, batch))
    batch = []
    savedAt = Date.now()
    tell()
    return wanted
  }
  try {
    const type = mediaType as ReadableType
    const request = { path: file.path, type, title: name, fromPage: work.pagesStored + 1 }
    for await (const event of extract(request, call.signal, needs.ocr)) {
      if (event.type === 'total') await documents.describe(call, work, { pagesTotal: event.pages })
      else if (event.type === 'notice') {
        await documents.describe(call, work, { notice: [...notices.add(event.text)].join('. ') })
      } else if (event.type === 'date') await documents.describe(call, work, { documentDate: event.date })
      else if (event.type === 'table') tables.push(event.table)
      else {
        const { type: _, ...page } = event
        batch.push(page)
      }
      if ((batch.length >= pageBatch || Date.now() - savedAt > pageBatchMs) && !(await save())) return false
    }
    if (!(await save())) return false
    if (tables.length > 0) await needs.tables.save(call, work, tables)
    await documents.extracted(call, work)
    return true
  } finally {
    await file.release()
  }
}

function cutterFor({ document, chunkProfile }: DocumentWork) {
  const { name, mediaType, objectKey, pagesTotal } = document
  // A line of an import, which has no file, is cut as it was when it came in.
  const isLine = objectKey === null
  const title = isLine ? name : titleOf(name)
  return createCutter({ title, mediaType, profile: chunkProfile, isOnlyPage: isLine && pagesTotal === 1 })
}

async function* pagesOf({ knowledge }: IngestionNeeds, call: Call, work: DocumentWork): AsyncGenerator<ExtractedPage> {
  let after = 0
  for (;;) {
    call.signal.throwIfAborted()
    const pages = await knowledge.pendingPages(call, work, after, pagesTogether)
    // The embedded database answers within this very turn; without a pause nobody else would get one.
    await new Promise(setImmediate)
    yield* pages
    const last = pages.at(-1)
    if (!last) return
    after = last.number
  }
}

async function countChunks(needs: IngestionNeeds, call: Call, work: DocumentWork) {
  const cut = cutterFor(work)
  const found = { pages: 0, empty: 0, fromPictures: 0, chunks: 0 }
  for await (const page of pagesOf(needs, call, work)) {
    const pieces = cut(page.number, page.text)
    found.pages++
    found.chunks += pieces.length
    if (pieces.length === 0) found.empty++
    else if (page.origin === 'ocr') found.fromPictures++
  }
  return found
}

async function* piecesOf(needs: IngestionNeeds, call: Call, work: DocumentWork): AsyncGenerator<Piece> {
  const cut = cutterFor(work)
  for await (const page of pagesOf(needs, call, work)) yield* cut(page.number, page.text)
}

function noText({ document }: DocumentWork): NitroError {
  const isPdf = document.mediaType === 'application/pdf'
  return new NitroError(
    'document_no_text',
    isPdf
      ? 'No page of this PDF has text, and none could be read from its pictures'
      : 'There is no text in this document',
  )
}

function noticeOf({
  pages,
  empty,
  fromPictures,
}: {
  pages: number
  empty: number
  fromPictures: number
}): string | null {
  const notices = []
  if (fromPictures > 0) {
    const [were, they] =
      fromPictures === 1 ? ['page was', 'it has no text of its own'] : ['pages were', 'they have no text of their own']
    notices.push(`${fromPictures} ${were} read from pictures (OCR), because ${they}`)
  }
  if (empty > 0) {
    notices.push(`${empty} of ${pages} pages ${empty === 1 ? 'has' : 'have'} no text and cannot be found by search`)
  }
  return notices.length > 0 ? notices.join('. ') : null
}
