import { Readable } from 'node:stream'
import { PDFDocument, type PDFPage, StandardFonts } from 'pdf-lib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Document } from '@nitroagi/shared/knowledge'
import type { Call } from '../src/call.ts'
import { documentPictureRoutes } from '../src/http/document-pictures.ts'
import { answerFailure, toFailure } from '../src/http/errors.ts'
import { createRoutes } from '../src/http/routes.ts'
import { createDocumentPictures } from '../src/services/document-pictures.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { pictureOfText } from './pictures.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

let backend: KnowledgeBackend
let call: Call
let collectionId: string
let asking: Call

beforeAll(async () => {
  backend = await openKnowledge(await openMemory(), createWordEmbedder())
  call = asking = await signUp(backend.connection)
  collectionId = (await backend.collections.create(call, { name: 'papers' })).id
})
afterAll(() => backend.close())

async function take(name: string, bytes: Uint8Array | string): Promise<Document> {
  const body = Readable.from([Buffer.from(bytes)])
  const { documents } = await backend.documents.upload(call, collectionId, { name }, body)
  const document = await backend.settled(call, documents[0]!.id)
  expect(document).toMatchObject({ status: 'ready' })
  return document
}

async function get(path: string): Promise<Response> {
  const app = createRoutes()
  app.use(async (c, next) => {
    c.set('call', asking)
    await next()
  })
  app.route('/', documentPictureRoutes(createDocumentPictures(backend.ports)))
  app.onError((error, c) => answerFailure(c, toFailure(error)))
  return app.request(path)
}

interface Marks {
  width: number
  height: number
  boxes: { x: number; y: number; width: number; height: number }[] | null
}

async function marksOf({ id }: Document, words: string, page = 1): Promise<Marks> {
  const { text } = await backend.documents.page(call, id, page)
  const start = text.indexOf(words)
  expect(start, text).toBeGreaterThan(-1)
  const answer = await get(`/documents/${id}/pages/${page}/marks?start=${start}&end=${start + words.length}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Marks
}

async function pdf(draw: (page: PDFPage, document: PDFDocument) => Promise<void>): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  await draw(document.addPage([400, 500]), document)
  return document.save()
}

const widthOf = (png: Buffer) => png.readUInt32BE(16)

it('shows a page of a PDF, and where a passage stands on it', async () => {
  const document = await take(
    'keeper.pdf',
    await pdf(async (page, document) => {
      const font = await document.embedFont(StandardFonts.Helvetica)
      page.drawText('The lighthouse keeper is called Mirabel.', { x: 40, y: 400, size: 12, font })
      page.drawText('She has kept the light since', { x: 40, y: 300, size: 12, font })
      page.drawText('the year 1931.', { x: 40, y: 284, size: 12, font })
    }),
  )
  const picture = await get(`/documents/${document.id}/pages/1/picture?width=600`)
  expect(picture.headers.get('content-type')).toBe('image/png')
  expect(picture.headers.get('content-security-policy')).toContain('sandbox')
  expect(widthOf(Buffer.from(await picture.arrayBuffer()))).toBe(600)

  const { width, height, boxes } = await marksOf(document, 'called Mirabel')
  expect([width, height]).toEqual([400, 500])
  expect(boxes).toHaveLength(1)
  // The baseline stands at 100 of 500 from above, and the words in the right half of the line.
  expect(boxes![0]!.y).toBeLessThan(0.2)
  expect(boxes![0]!.y + boxes![0]!.height).toBeGreaterThan(0.2)
  expect(boxes![0]!.x).toBeGreaterThan(0.3)

  const lines = await marksOf(document, 'the light since\nthe year 1931')
  expect(lines.boxes).toHaveLength(2)
  expect(lines.boxes![1]!.y).toBeGreaterThan(lines.boxes![0]!.y)
})

it('reads a scanned page, and shows where its words stand', { timeout: 60_000 }, async () => {
  const document = await take(
    'scan.pdf',
    await pdf(async (page, document) => {
      const scan = await document.embedPng(
        pictureOfText(['Bill of the cafe', 'Two coffees 7.40', 'Total 11.30'], { scale: 2 }),
      )
      page.drawImage(scan, { x: 20, y: 250, width: 360, height: (360 * scan.height) / scan.width })
    }),
  )
  expect(document.notice).toContain('1 page was read from pictures')
  expect(await backend.documents.page(call, document.id, 1)).toMatchObject({ origin: 'ocr' })
  const { boxes } = await marksOf(document, 'Total 11.30')
  expect(boxes).toHaveLength(1)
  expect(boxes![0]!.x).toBeGreaterThan(0.05)
  expect(boxes![0]!.y + boxes![0]!.height).toBeLessThan(0.52)
})

it('shows a picture, and its words on it', { timeout: 60_000 }, async () => {
  const document = await take('bill.png', pictureOfText(['Corner Cafe', 'Two coffees 7.40', 'Total 11.30']))
  const { boxes } = await marksOf(document, 'Corner Cafe')
  expect(boxes![0]!.y).toBeLessThan(0.4)
  expect((await get(`/documents/${document.id}/pages/1/picture`)).status).toBe(200)
  expect((await get(`/documents/${document.id}/pages/2/picture`)).status).toBe(404)
})

it('gives the original as a file to save, and nothing to whom it is none of', async () => {
  const document = await take(
    'page.html',
    '<!doctype html><title>Hi</title><script>alert(1)</script><p>Plain words.</p>',
  )
  const original = await get(`/documents/${document.id}/content`)
  expect(await original.text()).toContain('<script>alert(1)</script>')
  expect(original.headers.get('content-type')).toBe('application/octet-stream')
  expect(original.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''page.html")
  expect(original.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await get(`/documents/${document.id}/pages/1/picture`)).status).toBe(404)

  asking = await signUp(backend.connection, 'a stranger')
  for (const path of ['content', 'pages/1/picture', 'pages/1/marks?start=0&end=1']) {
    expect((await get(`/documents/${document.id}/${path}`)).status).toBe(404)
  }
  asking = call
})
