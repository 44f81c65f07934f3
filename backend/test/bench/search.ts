import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from '../../src/call.ts'
import { createCollectionsRepository } from '../../src/ports/database/collections.ts'
import type { Connection } from '../../src/ports/database/connection.ts'
import { createDocumentsRepository } from '../../src/ports/database/documents.ts'
import { createKnowledgeRepository } from '../../src/ports/database/knowledge.ts'
import { createVectorIndexes } from '../../src/ports/database/search-indexes.ts'
import { migrate } from '../../src/ports/database/migrations.ts'
import { openPglite } from '../../src/ports/database/pglite.ts'
import { openPostgres } from '../../src/ports/database/postgres.ts'
import { createEmbedders } from '../../src/ports/embedder/embedders.ts'
import type { Embedder } from '../../src/ports/embedder/port.ts'
import { createUseLiteEmbedder } from '../../src/ports/embedder/use-lite.ts'
import { createSearch } from '../../src/services/search.ts'
import { evalFolder, isPresent, readSet } from '../eval/sets.ts'
import { signUp } from '../knowledge-backend.ts'
import { atMost, notMeasured, percentile, type Bench, type Figure, type Row } from './row.ts'
import { createDatabase, temporaryFolder } from './surroundings.ts'

const questions = 200
/** Passages whose vectors are computed; the others' lie around them. */
const embedded = 400
const passagesOfDocument = 50

export const search5k: Row = rowOf('search-5k', 5_000, 150, 'pglite')
export const search100k: Row = { ...rowOf('search-100k', 100_000, 300, 'postgres'), isSlow: true }

function rowOf(name: string, size: number, aimMs: number, adapter: 'pglite' | 'postgres'): Row {
  const aim = atMost(aimMs, 'ms')
  const what = 'Search, the question’s embedding included, p95'
  return {
    name,
    title: `Search over ${size.toLocaleString('en')} passages`,
    method: `${questions} questions of people, each once and one after the other, over paragraphs of Wikipedia and of abstracts (each paired with another’s sentences, so that none is there twice) with 512 numbers each: ${embedded} computed by use-lite, the others near them.`,
    async run(bench) {
      if (!isPresent('squad') || !isPresent('scifact'))
        return [notMeasured(what, aim, `not measured: no squad and scifact at ${evalFolder}`)]
      if (adapter === 'postgres' && bench.postgres === undefined)
        return [notMeasured(what, aim, 'not measured: TEST_DATABASE_URL is not set')]
      return measure(bench, bench.isQuick ? size / 10 : size, aim, what, adapter)
    },
  }
}

async function measure(bench: Bench, size: number, aim: Figure['aim'], what: string, adapter: 'pglite' | 'postgres') {
  const { connection, close } = await open(bench, adapter)
  const embedder = createUseLiteEmbedder({ workers: 2 })
  try {
    await migrate(connection)
    const call = await signUp(connection, 'bench')
    const indexes = createVectorIndexes(connection)
    const ports = {
      collections: createCollectionsRepository(connection),
      knowledge: createKnowledgeRepository(connection, indexes),
      embedders: createEmbedders([embedder]),
    }
    const seconds = await fill(bench, connection, call, embedder, size)
    const begun = performance.now()
    const { made } = await indexes.tend()
    const indexSeconds = (performance.now() - begun) / 1000
    bench.say(made.length > 0 ? `vectors indexed in ${indexSeconds.toFixed(0)} s` : 'no index of vectors')
    await connection.query('ANALYZE')
    const search = createSearch(ports)
    const asked = readSet('squad').slice(0, bench.isQuick ? 40 : questions + 20)
    const times: number[] = []
    for (const { text } of asked) times.push((await search.search(call, { query: text, limit: 10 })).tookMs)
    const again: number[] = []
    for (const { text } of asked) again.push((await search.search(call, { query: text, limit: 10 })).tookMs)
    // The first ones load the model and plan the statements.
    const settled = times.slice(20)
    const remark = `p50 ${percentile(settled, 0.5).toFixed(0)} ms; asked again p50 ${percentile(again, 0.5).toFixed(1)} ms; ${size} passages written in ${seconds.toFixed(0)} s${made.length > 0 ? `, their vectors indexed in ${indexSeconds.toFixed(0)} s` : ''}; on ${connection.adapter}`
    return [{ what, aim, measured: percentile(settled, 0.95), unit: 'ms', remark }]
  } finally {
    await embedder.close()
    await close()
  }
}

export async function open(bench: Bench, adapter: 'pglite' | 'postgres') {
  if (adapter === 'pglite') {
    const folder = temporaryFolder()
    const connection = await openPglite({ dataDir: join(folder.path, 'database') })
    return { connection, url: undefined, close: () => connection.close().then(() => folder.remove()) }
  }
  const { url, drop } = await createDatabase(bench.postgres!)
  const connection = await openPostgres({ url })
  return { connection, url, close: () => connection.close().then(drop) }
}

export async function fill(bench: Bench, connection: Connection, call: Call, embedder: Embedder, size: number) {
  const texts = passages(size)
  const vectors = await embedder.embed(texts.slice(0, bench.isQuick ? 40 : embedded), undefined, 'bulk')
  const near = (index: number) => {
    const base = vectors[index % vectors.length]!
    const moved = index < vectors.length ? base : base.map((value) => value + (Math.random() - 0.5) * 0.06)
    const length = Math.hypot(...moved)
    return moved.map((value) => Number((value / length).toFixed(5)))
  }
  const repositories = {
    collections: createCollectionsRepository(connection),
    documents: createDocumentsRepository(connection),
    knowledge: createKnowledgeRepository(connection, createVectorIndexes(connection)),
  }
  const collection = await repositories.collections.create(call, { name: 'bench', embeddingModel: embedder.id })
  const begun = performance.now()
  for (let from = 0; from < texts.length; from += passagesOfDocument) {
    const own = texts.slice(from, from + passagesOfDocument)
    const { document } = await repositories.documents.add(call, {
      collectionId: collection!.id,
      externalId: undefined,
      name: `Volume ${from / passagesOfDocument}.txt`,
      mediaType: 'text/plain',
      sizeBytes: 1,
      sha256: randomUUID(),
      objectKey: randomUUID(),
    })
    const work = (await repositories.documents.begin(call, document.id))!
    const pages = own.map((text, index) => ({ number: index + 1, text }))
    await repositories.knowledge.savePages(call, work, pages)
    const entries = own.map((content, ordinal) => ({
      ordinal,
      content,
      page: ordinal + 1,
      start: 0,
      end: content.length,
      heading: '',
      embedding: near(from + ordinal),
    }))
    await repositories.knowledge.addEntries(call, work, embedder.id, entries)
    await repositories.knowledge.publish(call, work, null)
    if ((from / passagesOfDocument) % 100 === 99) bench.say(`${from + own.length} passages`)
  }
  return (performance.now() - begun) / 1000
}

/** Paragraphs, each with the beginning of another: none is there twice, and words are as frequent as in real text. */
function passages(size: number): string[] {
  const texts = (['squad', 'scifact'] as const).flatMap((name) =>
    readFileSync(join(evalFolder, name, 'corpus.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text.slice(0, 900)),
  )
  return Array.from({ length: size }, (_, index) => {
    const round = Math.floor(index / texts.length)
    const text = texts[index % texts.length]!
    return round === 0
      ? text
      : `${text.slice(0, 600)} ${texts[(index * 7 + round * 131) % texts.length]!.slice(0, 300)}`
  })
}
