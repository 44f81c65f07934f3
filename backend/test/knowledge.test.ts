import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Document, DocumentEvent } from '@nitroagi/shared/knowledge'
import { Document as WordDocument, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { createIngestion } from '../src/jobs/ingestion.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

let backend: KnowledgeBackend
let call: Call
let collectionId: string
const embedder = createWordEmbedder()

beforeAll(async () => {
  const connection = await openMemory()
  backend = await openKnowledge(connection, embedder)
  call = await signUp(connection)
  collectionId = (await backend.collections.create(call, { name: 'papers' })).id
})
afterAll(() => backend.close())

async function upload(name: string, content: string | Uint8Array, externalId?: string): Promise<Document> {
  const body = Readable.from([Buffer.from(content)])
  const { documents } = await backend.documents.upload(call, collectionId, { name, externalId }, body)
  return documents[0]!
}

const take = async (name: string, content: string | Uint8Array, externalId?: string) =>
  backend.settled(call, (await upload(name, content, externalId)).id)

const find = async (query: string) => (await backend.search.search(call, { query, limit: 5 })).hits

async function pdf(pages: string[]): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  for (const text of pages)
    document.addPage([400, 500]).drawText(text, { x: 30, y: 450, size: 12, font, lineHeight: 16 })
  return document.save()
}

describe('what can be read', () => {
  it('a PDF, page by page, with passages that lie where they say', async () => {
    const document = await take(
      'four.pdf',
      await pdf(['Alpha begins here.', 'The lighthouse keeper is called Mirabel.', '', 'Omega ends.']),
    )
    expect(document).toMatchObject({
      status: 'ready',
      mediaType: 'application/pdf',
      pagesTotal: 4,
      pagesDone: 4,
      notice: expect.stringContaining('1 of 4 pages has no text'),
    })
    const [hit] = await find('What is the lighthouse keeper called?')
    expect(hit).toMatchObject({ documentId: document.id, page: 2, title: 'four.pdf' })
    const page = await backend.documents.page(call, document.id, 2)
    expect(page).toMatchObject({ pagesTotal: 4, name: 'four.pdf' })
    expect(page.text.slice(hit!.start, hit!.end)).toBe(hit!.content)
  })

  it('a DOCX, with headings, lists and tables as rows', async () => {
    const cell = (text: string) => new TableCell({ children: [new Paragraph(text)] })
    const file = new WordDocument({
      sections: [
        {
          children: [
            new Paragraph({ text: 'Harbour rules', heading: HeadingLevel.HEADING_1 }),
            new Paragraph('No swimming near the ferry.'),
            new Table({
              rows: [
                new TableRow({ children: [cell('Berth'), cell('Owner')] }),
                new TableRow({ children: [cell('Seven'), cell('Quentin')] }),
              ],
            }),
          ],
        },
      ],
    })
    const document = await take('rules.docx', await Packer.toBuffer(file))
    expect(document.status).toBe('ready')
    const { text } = await backend.documents.page(call, document.id, 1)
    expect(text).toContain('# Harbour rules')
    expect(text).toContain('Seven | Quentin')
  })

  it('HTML, without its scripts, in the encoding that it declares', async () => {
    const html = Buffer.from(
      '<html><head><meta charset="windows-1252"><title>Menu</title><script>steal()</script></head><body><h2>Tonight</h2><p>K\xf6ttbullar &amp; lingon</p><ul><li>Soup</li></ul></body></html>',
      'latin1',
    )
    const document = await take('menu.txt', html)
    expect(document).toMatchObject({ status: 'ready', mediaType: 'text/html' })
    const { text } = await backend.documents.page(call, document.id, 1)
    expect(text).toContain('Köttbullar & lingon')
    expect(text).toContain('## Tonight')
    expect(text).not.toContain('steal')
  })

  it('text in UTF-8, UTF-16 and Windows-1252, and Markdown', async () => {
    const samples: [string, Uint8Array, string][] = [
      ['utf8.txt', Buffer.from('\ufeffGrüße aus Köln'), 'Grüße aus Köln'],
      ['utf16.txt', Buffer.from('\ufeffПривет, мир', 'utf16le'), 'Привет, мир'],
      ['bare-utf16.txt', Buffer.from('Plain words in two bytes each', 'utf16le'), 'Plain words in two bytes each'],
      ['latin.txt', Buffer.from('d\xe9j\xe0 vu \x80 5', 'latin1'), 'déjà vu € 5'],
      ['notes.md', Buffer.from('# Notes\n\n- one\n- two\n'), '# Notes\n\n- one\n- two'],
    ]
    for (const [name, bytes, text] of samples) {
      const document = await take(name, bytes)
      expect(document, name).toMatchObject({
        status: 'ready',
        mediaType: name.endsWith('md') ? 'text/markdown' : 'text/plain',
      })
      expect((await backend.documents.page(call, document.id, 1)).text).toBe(text)
    }
  })
})

describe('what cannot be read, each for its own reason', () => {
  it.each([
    ['empty.txt', '', 'document_no_text'],
    ['blank.txt', ' \n\n \t ', 'document_no_text'],
    [
      'picture.pdf',
      Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
      'document_no_text',
    ],
    ['program.pdf', Buffer.from(`7f454c460201010000000000000000000${'0'.repeat(400)}`, 'hex'), 'document_unsupported'],
    [
      'noise.txt',
      Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)),
      'document_unsupported',
    ],
    ['cut.pdf', '%PDF-1.7\n1 0 obj\n<< /Type /Cat', 'document_corrupt'],
  ])('%s', async (name, content, code) => {
    const document = await take(name, content)
    expect(document).toMatchObject({ status: 'failed', error: { code } })
    expect(document.error!.message.length).toBeGreaterThan(20)
  })

  it('a PDF in which no page has text', async () => {
    expect(await take('scan.pdf', await pdf(['', '']))).toMatchObject({
      status: 'failed',
      error: { code: 'document_no_text' },
    })
  })
})

describe('a document’s life', () => {
  it('knows the same bytes again', async () => {
    const first = await take('one.txt', 'The very same bytes.')
    const body = Readable.from(['The very same bytes.'])
    const again = await backend.documents.upload(call, collectionId, { name: 'two.txt' }, body)
    expect(again).toMatchObject({ created: false, documents: [{ id: first.id, name: 'one.txt' }] })
  })

  it('makes one document of ten uploads of the same bytes at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) => upload(`${index}.txt`, 'Ten times the same.')),
    )
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    await backend.settled(call, all[0]!.id)
  })

  it('takes a name for a name, of which no part leads out of its folder', async () => {
    expect((await upload('../../etc/pass\u0000wd.txt', 'root beer')).name).toBe('etc/pass wd.txt')
  })

  it('refuses one byte more than the limit and keeps nothing of it', async () => {
    const before = (await readdir(join(backend.folder, 'objects'), { recursive: true })).length
    const chunk = Buffer.alloc(1024 * 1024)
    const body = Readable.from(
      (function* () {
        for (let index = 0; index < 101; index++) yield chunk
      })(),
    )
    await expect(backend.documents.upload(call, collectionId, { name: 'big.txt' }, body)).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    expect((await readdir(join(backend.folder, 'objects'), { recursive: true })).length).toBe(before)
    expect((await backend.documents.list(call, { limit: 200 })).items.map(({ name }) => name)).not.toContain('big.txt')
  })

  it('deletes rows, passages and bytes, also while it is being read', async () => {
    const pages = Array.from({ length: 60 }, (_, index) => `Page ${index} about zeppelins.`)
    const document = await upload('zeppelins.pdf', await pdf(pages))
    await backend.documents.delete(call, document.id)
    await expect(backend.documents.find(call, document.id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await find('zeppelins')).filter((hit) => hit.documentId === document.id)).toEqual([])
    // The queue goes on.
    expect((await take('after.txt', 'After the zeppelins.')).status).toBe('ready')
  })

  it('is not there for another workspace', async () => {
    const stranger = await signUp(backend.connection, 'stranger')
    const document = await take('secret.txt', 'The vault code is a secret.')
    for (const verb of [
      () => backend.documents.find(stranger, document.id),
      () => backend.documents.delete(stranger, document.id),
      () => backend.documents.retry(stranger, document.id),
      () => backend.documents.page(stranger, document.id, 1),
      () => backend.collections.find(stranger, collectionId),
      () => backend.collections.delete(stranger, collectionId),
      () => backend.documents.upload(stranger, collectionId, { name: 'x' }, Readable.from(['x'])),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'not_found' })
    }
    const { hits } = await backend.search.search(stranger, { query: 'vault code', collectionIds: [collectionId] })
    expect(hits).toEqual([])
  })

  it('opens no other collection with an upload ticket than its own', async () => {
    const other = await backend.collections.create(call, { name: 'not for the ticket' })
    const ticket: Call = { ...call, actor: { ...call.actor, via: 'ticket', collectionId } }
    const to = (id: string) => backend.documents.upload(ticket, id, { name: 't.txt' }, Readable.from(['by ticket']))
    await expect(to(other.id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await to(collectionId)).created).toBe(true)
  })

  it('tells those who watch, and nobody else, how far it is', async () => {
    const stop = new AbortController()
    const stranger = await signUp(backend.connection, 'watcher')
    const seen: DocumentEvent[] = []
    const strange: DocumentEvent[] = []
    const follow = async (who: Call, into: DocumentEvent[]) => {
      for await (const event of backend.documents.watch({ ...who, signal: stop.signal })) into.push(event)
    }
    const following = [follow(call, seen), follow(stranger, strange)]
    const document = await take('watched.txt', 'Somebody watches this.')
    const statuses = () =>
      seen.filter((event) => event.document.id === document.id).map((event) => event.document.status)
    await expect.poll(statuses, { timeout: 10_000 }).toContain('ready')
    await backend.documents.delete(call, document.id)
    await expect.poll(statuses, { timeout: 10_000 }).toContain('deleting')
    stop.abort()
    await Promise.all(following)
    expect(strange).toEqual([])
  })

  it('goes when its collection goes, bytes included', async () => {
    const doomed = await backend.collections.create(call, { name: 'doomed' })
    const { documents } = await backend.documents.upload(
      call,
      doomed.id,
      { name: 'd.txt' },
      Readable.from(['The dodo was here.']),
    )
    await backend.settled(call, documents[0]!.id)
    expect((await backend.collections.find(call, doomed.id)).documentCount).toBe(1)
    const key = (await backend.repositories.documents.find(call, documents[0]!.id))!.objectKey!
    await backend.collections.delete(call, doomed.id)
    await expect(backend.documents.find(call, documents[0]!.id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await find('dodo')).filter((hit) => hit.content.includes('dodo'))).toEqual([])
    // Cleared away in the background.
    const bytes = () =>
      backend.objectStore.get(key).then(
        () => 'still there',
        ({ code }: { code: string }) => code,
      )
    await expect.poll(bytes, { timeout: 10_000 }).toBe('not_found')
  })
})

describe('an import of lines', () => {
  const jsonl = (lines: object[]) => lines.map((line) => JSON.stringify(line)).join('\n')
  const many = Array.from({ length: 300 }, (_, index) => ({
    id: `p${index}`,
    title: `Planet ${index}`,
    text: `Planet number ${index} has ${index} moons.`,
  }))

  it('makes a document of each line, found by its own id, and is no hit itself', async () => {
    const collection = await backend.collections.create(call, { name: 'planets' })
    const send = (lines: string) =>
      backend.documents.upload(call, collection.id, { name: 'planets.jsonl' }, Readable.from([lines]))
    const { documents } = await send(jsonl(many))
    const done = await backend.settled(call, documents[0]!.id)
    expect(done).toMatchObject({
      status: 'ready',
      mediaType: 'application/x-ndjson',
      pagesTotal: 300,
      pagesDone: 300,
      chunksTotal: 300,
      chunksDone: 300,
    })
    expect((await backend.collections.find(call, collection.id)).documentCount).toBe(300)
    const { hits } = await backend.search.search(call, {
      query: 'How many moons has planet number 217?',
      collectionIds: [collection.id],
    })
    expect(hits[0]).toMatchObject({ externalId: 'p217', title: 'Planet 217' })

    embedder.embedded.length = 0
    const changed = many.map((line) =>
      line.id === 'p5' ? { ...line, text: 'Planet five has rings of saffron.' } : line,
    )
    const again = await send(`${jsonl(changed)}\nnot json\n{"id":"x"}\n`)
    const second = await backend.settled(call, again.documents[0]!.id)
    expect(second).toMatchObject({
      status: 'ready',
      notice: '2 of 302 lines were left out: line 301 is not JSON, line 302 has no text',
    })
    expect(embedder.embedded).toEqual(['Planet five has rings of saffron.'])
    expect((await backend.collections.find(call, collection.id)).documentCount).toBe(300)
    const saffron = await backend.search.search(call, {
      query: 'rings of saffron',
      collectionIds: [collection.id],
      limit: 1,
    })
    expect(saffron.hits[0]).toMatchObject({ externalId: 'p5', title: 'Planet 5' })
  })

  it('fails with the line and what is wrong with it when no line is good', async () => {
    const document = await take('bad.jsonl', '{"text":"no id"}\n{"id":"a","text":""}')
    expect(document).toMatchObject({
      status: 'failed',
      error: { code: 'document_corrupt', message: expect.stringContaining('line 1 has no id') },
    })
  })
})

describe('after a crash', () => {
  it('goes on with the pages and passages that were stored, and starts what was never begun', async () => {
    const texts = ['First page of the diary.', 'Second page, with a rhinoceros.', 'Third page.']
    await backend.jobs.stop(1_000)
    const document = await insertQuietly('diary.pdf', await pdf(texts))
    const { documents, knowledge } = backend.repositories
    const work = (await documents.begin(call, document.id))!
    // What an earlier process had stored when it was killed; the words differ, so that one can tell who wrote them.
    await knowledge.savePages(call, work, [{ number: 1, text: 'Kept from before the crash.' }])
    const again = (await documents.begin(call, document.id))!
    expect(again).toMatchObject({ pagesStored: 1, attempts: 1 })
    await backend.jobs.start()
    const sweeper = createIngestion(backend.ports)
    await sweeper.start()
    sweeper.stop()
    const done = await backend.settled(call, document.id)
    expect(done).toMatchObject({ status: 'ready', pagesTotal: 3, chunksDone: 3 })
    expect((await backend.documents.page(call, document.id, 1)).text).toBe('Kept from before the crash.')
    expect((await backend.documents.page(call, document.id, 2)).text).toContain('rhinoceros')
    const entries = await backend.connection.query<{ ordinal: number }>(
      `SELECT ordinal FROM knowledge_entries WHERE document_id = $1 ORDER BY ordinal`,
      [document.id],
    )
    expect(entries.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2])
  })

  it('gives a document up that fails three times without coming forward, and reads it when one asks again', async () => {
    const document = await upload('poison.txt', 'Poison for the reader.')
    const { objectKey } = (await backend.repositories.documents.find(call, document.id))!
    await backend.settled(call, document.id)
    expect(objectKey).not.toBeNull()
    await expect(backend.documents.retry(call, document.id)).rejects.toMatchObject({ code: 'conflict' })
    await backend.connection.query(`UPDATE documents SET status = 'received', attempts = 3 WHERE id = $1`, [
      document.id,
    ])
    const sweeper = createIngestion(backend.ports)
    await sweeper.start()
    sweeper.stop()
    expect(await backend.settled(call, document.id)).toMatchObject({ status: 'failed', error: { code: 'internal' } })
    await backend.documents.retry(call, document.id)
    expect((await backend.settled(call, document.id)).status).toBe('ready')
  })

  /** As if the process had ended between the row and the job. */
  async function insertQuietly(name: string, bytes: Uint8Array) {
    const objectKey = `${call.actor.workspaceId}/documents/quiet`
    const stored = await backend.objectStore.put(objectKey, Readable.from([bytes]), { maxBytes: 1e9 })
    const { document } = await backend.repositories.documents.add(call, {
      collectionId,
      name,
      objectKey,
      ...stored,
      externalId: undefined,
      mediaType: 'application/pdf',
    })
    return document
  }
})
