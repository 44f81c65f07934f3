import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { NitroError } from '@nitroagi/shared/errors'
import type { Document } from '@nitroagi/shared/knowledge'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { createIngestion } from '../src/jobs/ingestion.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

/** An embedder that can be held, so that a document is found half-way. */
function createGatedEmbedder() {
  const words = createWordEmbedder()
  let gate = Promise.resolve()
  let open = () => {}
  const failures: Error[] = []
  return {
    ...words,
    embed: async (texts: readonly string[], signal?: AbortSignal, lane?: string) => {
      if (lane !== 'bulk') return words.embed(texts, signal)
      await gate
      const failure = failures.shift()
      if (failure) throw failure
      return words.embed(texts, signal)
    },
    failures,
    hold: () => void (gate = new Promise((resolve) => (open = resolve))),
    release: () => open(),
  }
}

const embedder = createGatedEmbedder()
let backend: KnowledgeBackend
let call: Call
let collectionId: string

beforeAll(async () => {
  backend = await openKnowledge(await openMemory(), embedder)
  call = await signUp(backend.connection)
  collectionId = (await backend.collections.create(call, { name: 'papers' })).id
})
afterEach(() => embedder.release())
afterAll(() => backend.close())

async function upload(name: string, text: string, more: { replace?: string; externalId?: string } = {}) {
  return backend.documents.upload(call, collectionId, { name, ...more }, Readable.from([Buffer.from(text)]))
}

async function take(name: string, text: string, more: { replace?: string } = {}): Promise<Document> {
  return backend.settled(call, (await upload(name, text, more)).documents[0]!.id)
}

const contentsFound = async (query: string) =>
  (await backend.search.search(call, { query, limit: 5 })).hits.map(({ content }) => content)

/** So many pages, each a paragraph of its own words. */
const pagesOf = (count: number, word: string) =>
  Array.from(
    { length: count },
    (_, index) => `## Part ${index}\n\n${`${word} ${index} tells of things. `.repeat(110)}`,
  ).join('\n\n')

async function until(id: string, isSo: (document: Document) => boolean): Promise<Document> {
  for (;;) {
    const document = await backend.documents.find(call, id)
    if (isSo(document)) return document
    await sleep(20)
  }
}

describe('pausing', () => {
  it('ends the work quietly and goes on where it was', async () => {
    embedder.hold()
    const { id } = (await upload('long.txt', pagesOf(12, 'granite'))).documents[0]!
    const embedding = await until(id, ({ status }) => status === 'embedding')
    expect(embedding.progress).toMatchObject({ stage: 'embedding', done: 0 })
    expect(await backend.documents.pause(call, id)).toMatchObject({ paused: true, status: 'embedding' })
    embedder.embedded.length = 0
    embedder.release()
    await sleep(300)
    expect(await backend.documents.find(call, id)).toMatchObject({ paused: true, chunksDone: 0, status: 'embedding' })
    await backend.documents.resume(call, id)
    const done = await backend.settled(call, id)
    expect(done).toMatchObject({ status: 'ready', paused: false, error: null, progress: null })
    expect(done.chunksDone).toBe(done.chunksTotal)
  })

  it('says so when there is nothing to pause, and pauses a whole collection', async () => {
    const ready = await take('short.txt', 'A short text about basalt.')
    await expect(backend.documents.pause(call, ready.id)).rejects.toMatchObject({ code: 'conflict' })
    embedder.hold()
    const { id } = (await upload('waiting.txt', 'A text about pumice.')).documents[0]!
    expect(await backend.documents.pauseAll(call, collectionId)).toBe(1)
    embedder.release()
    expect(await backend.documents.resumeAll(call, collectionId)).toBe(1)
    expect((await backend.settled(call, id)).status).toBe('ready')
  })
})

describe('embedding', () => {
  it('pays for the same text once, whichever document it comes with', async () => {
    await take('first.txt', 'The heron stands in the reeds.')
    embedder.embedded.length = 0
    const other = await backend.collections.create(call, { name: 'other' })
    const body = Readable.from([Buffer.from('The heron stands in the reeds.')])
    const again = await backend.documents.upload(call, other.id, { name: 'again.txt' }, body)
    const document = await backend.settled(call, again.documents[0]!.id)
    expect(document.status).toBe('ready')
    expect(embedder.embedded).toEqual([])
    const [vectors] = await backend.connection.query<{ count: number }>(
      `SELECT count(DISTINCT embedding::text)::int AS count FROM knowledge_entries WHERE content LIKE 'The heron%'`,
    )
    expect(vectors).toEqual({ count: 1 })
  })

  it('waits for a model that is away, and the document is not to blame', async () => {
    for (let tries = 0; tries < 2; tries++) embedder.failures.push(new NitroError('model_failed', 'It is away.'))
    const document = await take('patient.txt', 'The kingfisher waits above the weir.')
    expect(document).toMatchObject({ status: 'ready', error: null })
  })

  it.each([
    new NitroError('model_unauthorized', 'The provider refused the key.'),
    new NitroError('model_failed', 'The provider did not accept the texts.', { details: { isPassing: false } }),
  ])(
    'fails at once with the reason when that will not pass, and is tried again when one asks: $message',
    async (why) => {
      embedder.failures.push(why)
      const document = await take(`${why.code}.txt`, `The bittern booms at night, ${why.code}.`)
      expect(document).toMatchObject({ status: 'failed', error: { code: why.code, message: why.message } })
      await backend.documents.retry(call, document.id)
      expect((await backend.settled(call, document.id)).status).toBe('ready')
    },
  )
})

describe('pages and passages', () => {
  it('can be listed, page after page', async () => {
    const document = await take('listed.txt', pagesOf(5, 'quartz'))
    const first = await backend.documents.pages(call, document.id, { limit: 2 })
    const rest = await backend.documents.pages(call, document.id, { limit: 50, cursor: first.nextCursor! })
    const pages = [...first.items, ...rest.items]
    expect(pages.map(({ number }) => number)).toEqual(Array.from({ length: document.pagesTotal! }, (_, i) => i + 1))
    expect(pages[0]).toMatchObject({ origin: 'text', confidence: null, note: null, label: null })
    expect(pages.reduce((sum, page) => sum + page.passages, 0)).toBe(document.chunksTotal)

    const passages = await backend.documents.passages(call, document.id, { limit: 200 })
    expect(passages.items.map(({ ordinal }) => ordinal)).toEqual(passages.items.map((_, index) => index))
    for (const passage of passages.items) {
      const { text } = await backend.documents.page(call, document.id, passage.page)
      expect(text.slice(passage.start, passage.end)).toBe(passage.content)
    }
    const ofTwo = await backend.documents.passages(call, document.id, { limit: 200, page: 2 })
    expect(ofTwo.items).toEqual(passages.items.filter(({ page }) => page === 2))
  })

  it('are nothing to a stranger', async () => {
    const document = await take('hidden.txt', 'Where the badger sleeps.')
    const stranger = await signUp(backend.connection, 'stranger')
    for (const verb of [
      () => backend.documents.pages(stranger, document.id, { limit: 5 }),
      () => backend.documents.passages(stranger, document.id, { limit: 5 }),
      () => backend.documents.change(stranger, document.id, { name: 'mine' }),
      () => backend.documents.editPage(stranger, document.id, 1, 'mine'),
      () => backend.documents.pause(stranger, document.id),
      () => backend.documents.resume(stranger, document.id),
      () => backend.documents.reread(stranger, document.id),
      () => backend.documents.pauseAll(stranger, collectionId),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(await backend.repositories.knowledge.pages(stranger, document.id, { limit: 5 })).toMatchObject({ items: [] })
  })

  it('are put right by hand: only what changed is embedded, and the old text serves until then', async () => {
    const document = await take('wrong.txt', pagesOf(6, 'feldspar'))
    embedder.embedded.length = 0
    embedder.hold()
    await backend.documents.editPage(call, document.id, 2, 'The mistake was the word zircon.')
    await until(document.id, ({ status }) => status === 'embedding')
    expect((await backend.documents.page(call, document.id, 2)).text).toContain('feldspar')
    await expect(backend.documents.editPage(call, document.id, 3, 'x')).rejects.toMatchObject({ code: 'conflict' })
    embedder.release()
    const edited = await backend.settled(call, document.id)
    expect(edited).toMatchObject({ status: 'ready', version: document.version + 1, pagesTotal: document.pagesTotal })
    expect(await backend.documents.page(call, document.id, 2)).toMatchObject({
      text: 'The mistake was the word zircon.',
      origin: 'edited',
    })
    expect(embedder.embedded).toEqual(['The mistake was the word zircon.'])
    expect(await contentsFound('zircon mistake')).toContain('The mistake was the word zircon.')

    await backend.documents.reread(call, document.id)
    expect((await backend.settled(call, document.id)).status).toBe('ready')
    expect((await backend.documents.page(call, document.id, 2)).text).toContain('feldspar')
    await expect(backend.documents.editPage(call, document.id, 99, 'x')).rejects.toMatchObject({ code: 'not_found' })
    expect((await backend.documents.find(call, document.id)).status).toBe('ready')
  })
})

describe('a document', () => {
  it('is found by its new name and tags at once', async () => {
    const document = await take('scan-0001.txt', 'Nothing in here says what it is about.')
    const changed = await backend.documents.change(call, document.id, {
      name: 'Lighthouse inventory.txt',
      tags: ['harbour', 'harbour', 'lamps'],
    })
    expect(changed).toMatchObject({ name: 'Lighthouse inventory.txt', tags: ['harbour', 'lamps'] })
    for (const query of ['lighthouse inventory', 'lamps harbour']) {
      expect(await contentsFound(query)).toContain('Nothing in here says what it is about.')
    }
    const [kept] = await backend.connection.query(
      `SELECT d.entry_length::int AS noted, (SELECT sum(length)::int FROM knowledge_entries e WHERE e.document_id = d.id) AS counted
       FROM documents d WHERE id = $1`,
      [document.id],
    )
    expect(kept!['noted']).toBe(kept!['counted'])
  })

  it('is replaced by an upload that says so, and serves until the new one is ready', async () => {
    const document = await take('handbook.txt', 'The handbook names Ottilie.')
    embedder.hold()
    const replaced = await upload('handbook 2.txt', 'The handbook names Leopold.', { replace: document.id })
    expect(replaced).toMatchObject({ created: true, documents: [{ id: document.id, name: 'handbook 2.txt' }] })
    expect(await contentsFound('handbook names')).toContain('The handbook names Ottilie.')
    embedder.release()
    await backend.settled(call, document.id)
    const now = await contentsFound('handbook names')
    expect(now).toContain('The handbook names Leopold.')
    expect(now).not.toContain('The handbook names Ottilie.')
    await take('elsewhere.txt', 'The very same words.')
    await expect(upload('again.txt', 'The very same words.', { replace: document.id })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('can be replaced and finished at the same moment, again and again', async () => {
    const collection = await backend.collections.create(call, { name: 'busy' })
    const send = (text: string) =>
      backend.documents.upload(call, collection.id, { name: 'b.txt', externalId: 'b' }, Readable.from([text]))
    let id = ''
    for (let version = 0; version < 8; version++) {
      const [first] = await Promise.all([send(`Edition ${version} of the gazette.`), sleep(version * 15)])
      id = first.documents[0]!.id
    }
    expect(await backend.settled(call, id)).toMatchObject({ status: 'ready', error: null })
    expect((await backend.documents.page(call, id, 1)).text).toBe('Edition 7 of the gazette.')
  })

  it('is made anew from its pages when it shall be cut otherwise, and nothing is read again', async () => {
    const document = await take('anew.txt', pagesOf(4, 'obsidian'))
    await backend.connection.query(
      `UPDATE collections SET chunk_profile = '{"targetCharacters": 300, "context": "none"}' WHERE id = $1`,
      [collectionId],
    )
    await backend.repositories.documents.index(call, document.id)
    const sweeper = createIngestion(backend.ports)
    await sweeper.start()
    sweeper.stop()
    const anew = await backend.settled(call, document.id)
    expect(anew).toMatchObject({ status: 'ready', version: document.version + 1 })
    expect(anew.chunksTotal).toBeGreaterThan(document.chunksTotal!)
    await backend.connection.query(`UPDATE collections SET chunk_profile = '{}' WHERE id = $1`, [collectionId])
  })

  it('says how far it is, how quickly it comes forward and how long it will take', async () => {
    embedder.hold()
    const { id } = (await upload('measured.txt', pagesOf(60, 'marble'))).documents[0]!
    await until(id, ({ status }) => status === 'embedding')
    const seen: Document[] = []
    embedder.release()
    const stop = new AbortController()
    const watching = (async () => {
      for await (const { document } of backend.documents.watch({ ...call, signal: stop.signal })) {
        if (document.id === id) seen.push(document)
      }
    })()
    const { chunksTotal } = await backend.settled(call, id)
    stop.abort()
    await watching
    for (const { progress } of seen) {
      if (!progress?.perSecond) continue
      expect(progress.total).toBe(chunksTotal)
      expect(progress.secondsLeft).toBe(Math.ceil((progress.total! - progress.done) / progress.perSecond))
    }
    const [row] = await backend.connection.query<{ chunks_done: number }>(
      `SELECT chunks_done FROM documents WHERE id = $1`,
      [id],
    )
    expect(row!.chunks_done).toBe(chunksTotal)
  })
})
