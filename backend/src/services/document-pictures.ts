import type { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { type Document, hasPagePictures, type PageMarks } from '@nitroagi/shared/knowledge'
import type { Call } from '../call.ts'
import { boxesOf, type MarkedText } from '../ingestion/marked-text.ts'
import type { ReadableType } from '../ingestion/media-type.ts'
import { ocrText } from '../ingestion/ocr-text.ts'
import { type PageView, type PageViewRequest, viewPage } from '../ingestion/page-view.ts'
import type { DocumentsRepository, StoredDocument } from '../ports/database/documents-port.ts'
import type { KnowledgeRepository } from '../ports/database/knowledge-port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import type { Ocr } from '../ports/ocr/port.ts'
import { documentOf } from './document-intake.ts'
import { noDocument } from './documents.ts'

export type DocumentPictures = ReturnType<typeof createDocumentPictures>

interface Needs {
  documents: DocumentsRepository
  knowledge: KnowledgeRepository
  objectStore: ObjectStore
  ocr: Ocr
}

/** Each takes a process with a page in its memory. */
const drawnAtOnce = 2
const waitingAtMost = 20
const keptPictures = 24
const keptPages = 60

interface PlacedText {
  size: { width: number; height: number }
  /** Undefined when nobody can tell where it stands. */
  marked: MarkedText | undefined
}

/** The originals of documents, and pictures of their pages with the places of passages on them. */
export function createDocumentPictures({ documents, knowledge, objectStore, ocr }: Needs) {
  const pictures = createRecent<Buffer>(keptPictures)
  const texts = createRecent<PlacedText>(keptPages)
  const queue = createQueue()

  async function pictured(call: Call, id: string): Promise<StoredDocument & { objectKey: string }> {
    const document = await documents.find(call, id)
    if (!document) throw noDocument()
    const { objectKey } = document
    if (!hasPagePictures(document.mediaType) || objectKey === null) {
      throw new NitroError('not_found', 'There are no pictures of the pages of this document')
    }
    return { ...document, objectKey }
  }

  async function view(
    call: Call,
    document: StoredDocument & { objectKey: string },
    wanted: Pick<PageViewRequest, 'page' | 'want' | 'width'>,
  ): Promise<PageView> {
    return queue(async () => {
      call.signal.throwIfAborted()
      const file = await objectStore.openFile(document.objectKey)
      try {
        return await viewPage({ path: file.path, type: document.mediaType as ReadableType, ...wanted }, call.signal)
      } finally {
        await file.release()
      }
    })
  }

  /** Read again in the same way as when the document came in, so that its offsets are those of the stored text. */
  async function placedText(
    call: Call,
    document: StoredDocument & { objectKey: string },
    page: number,
    origin: 'text' | 'ocr' | 'edited',
  ): Promise<PlacedText> {
    const want = { text: 'text', ocr: 'reading', edited: 'size' } as const
    const { size, text, picture } = await view(call, document, { page, want: want[origin], width: 0 })
    if (!size) throw noPage()
    if (origin !== 'ocr' || !picture) return { size, marked: text }
    return { size, marked: ocrText(await ocr.read(picture.png, call.signal), picture) }
  }

  return {
    /** The bytes as they came. */
    async content(call: Call, id: string): Promise<{ document: Document; body: Readable }> {
      const document = await documents.find(call, id)
      if (!document) throw noDocument()
      if (document.objectKey === null) {
        throw new NitroError('not_found', 'This document came as a line of an import; there is no file of it')
      }
      return { document: documentOf(document), body: await objectStore.get(document.objectKey) }
    },

    /** As a PNG. */
    async picture(call: Call, id: string, page: number, width: number): Promise<Buffer> {
      const document = await pictured(call, id)
      return pictures(`${keyOf(document)} ${page} ${width}`, async () => {
        const { picture } = await view(call, document, { page, want: 'picture', width })
        if (!picture) throw noPage()
        return Buffer.from(picture.png)
      })
    },

    /** Where these characters of the page's text stand on its picture. */
    async marks(call: Call, id: string, page: number, range: { start: number; end: number }): Promise<PageMarks> {
      const document = await pictured(call, id)
      const stored = await knowledge.page(call, id, page)
      if (!stored) throw noPage()
      const { size, marked } = await texts(`${keyOf(document)} ${page} ${stored.origin}`, () =>
        placedText(call, document, page, stored.origin),
      )
      const boxes = marked?.text === stored.text ? boxesOf(marked, range.start, range.end) : []
      return { ...size, boxes: boxes.length > 0 ? boxes : null }
    },
  }
}

const noPage = () => new NitroError('not_found', 'There is no such page')

/** A document that gets other bytes has them under another key. */
const keyOf = ({ workspaceId, id, objectKey }: StoredDocument) => `${workspaceId} ${id} ${objectKey}`

/** Keeps what was made last. */
function createRecent<Value>(kept: number) {
  const values = new Map<string, Value>()
  return async (key: string, make: () => Promise<Value>): Promise<Value> => {
    const known = values.get(key)
    const value = known ?? (await make())
    values.delete(key)
    values.set(key, value)
    const [oldest] = values.keys()
    if (values.size > kept && oldest !== undefined) values.delete(oldest)
    return value
  }
}

function createQueue() {
  let active = 0
  const waiting: (() => void)[] = []
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (active >= drawnAtOnce) {
      if (waiting.length >= waitingAtMost) {
        throw new NitroError('unavailable', 'Too many pages are being drawn. Try again in a moment.', {
          retryAfterSeconds: 3,
        })
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else active++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else active--
    }
  }
}
