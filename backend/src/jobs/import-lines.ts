import { createHash } from 'node:crypto'
import type { ChunkProfile } from '@nitroagi/shared/collections'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import { createCutter, type Piece } from '../ingestion/cut-pages.ts'
import { readLines } from '../ingestion/lines.ts'
import { cleanText, splitIntoPages } from '../ingestion/pages.ts'
import type { DocumentWork } from '../ports/database/documents-port.ts'
import type { ExtractedPage, ImportedDocument } from '../ports/database/knowledge-port.ts'
import { createBulkEmbedder } from './bulk-embedder.ts'
import { embedderOf, type IngestionNeeds } from './ingestion.ts'

const lineBatch = 64
const mentionedLines = 5

interface Line {
  externalId: string
  name: string
  text: string
  sha256: string
}

interface Cut extends Line {
  pages: ExtractedPage[]
  entries: Piece[]
}

/**
 * Makes a document of every line of a JSONL file, in batches that are searchable as soon as they are stored. Lines that
 * are as they were are skipped, which is also how a cut import goes on. False when it is wanted no more.
 */
export async function importLines(
  needs: IngestionNeeds,
  call: Call,
  work: DocumentWork,
  tell: () => void,
): Promise<boolean> {
  const { documents, knowledge, objectStore } = needs
  if (work.document.objectKey === null) throw new NitroError('document_corrupt', 'The bytes of this import are gone')
  const file = await objectStore.openFile(work.document.objectKey)
  let notice: string | null = null
  try {
    const total = await count(file.path, work.chunkProfile, call.signal)
    if (total.good === 0)
      throw new NitroError('document_corrupt', `No line of it can be imported. ${describe(total.bad)}`)
    if (total.bad.length > 0)
      notice = `${total.bad.length} of ${total.lines} lines were left out: ${describe(total.bad)}`
    await documents.describe(call, work, { pagesTotal: total.lines, chunksTotal: total.chunks })
    tell()
    const writer = createWriter(needs, call, work)
    for await (const lines of batches(file.path, call.signal)) {
      if (!(await writer.write(lines))) return false
      tell()
    }
  } finally {
    await file.release()
  }
  return knowledge.publish(call, work, notice)
}

function createWriter(needs: IngestionNeeds, call: Call, work: DocumentWork) {
  const { knowledge, objectStore } = needs
  const embedder = embedderOf(needs, work)
  const embed = createBulkEmbedder(knowledge, call, embedder)
  const done = { pagesDone: 0, chunksDone: 0 }

  return {
    async write(lines: (Line | undefined)[]): Promise<boolean> {
      // Of two lines with one id in a batch the later one counts, as it would in two batches.
      const latest = new Map(lines.flatMap((line) => (line ? [[line.externalId, line] as const] : [])))
      const unchanged = await knowledge.unchanged(call, work.document.collectionId, [...latest.values()])
      const cuts = [...latest.values()]
        .filter((line) => !unchanged.has(line.externalId))
        .map((line) => cut(line, work.chunkProfile))
      const vectors = await Promise.all(
        await embed(cuts.flatMap(({ entries }) => entries.map((entry) => entry.embedded))),
      )
      let at = 0
      const imported: ImportedDocument[] = cuts.map(({ externalId, name, text, sha256, pages, entries }) => ({
        externalId,
        name,
        sha256,
        pages,
        sizeBytes: Buffer.byteLength(text),
        entries: entries.map(({ embedded: _, ...entry }) => {
          const { vector, contentHash } = vectors[at++]!
          return { ...entry, embedding: vector, contentHash }
        }),
      }))
      done.pagesDone += lines.length
      done.chunksDone += at + [...unchanged.values()].reduce((sum, entries) => sum + entries, 0)
      const { wanted, staleObjectKeys } = await knowledge.saveImported(call, work, embedder.id, imported, done)
      for (const key of staleObjectKeys) await objectStore.delete(key)
      return wanted
    },
  }
}

/** Lines in order, undefined for those that cannot be imported. */
async function* batches(path: string, signal: AbortSignal): AsyncGenerator<(Line | undefined)[]> {
  let batch: (Line | undefined)[] = []
  for await (const { text } of readLines(path, signal)) {
    const line = parse(text)
    batch.push('error' in line ? undefined : line)
    if (batch.length >= lineBatch) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

async function count(path: string, profile: ChunkProfile, signal: AbortSignal) {
  const total = { lines: 0, good: 0, chunks: 0, bad: [] as { number: number; error: string }[] }
  for await (const { number, text } of readLines(path, signal)) {
    const line = parse(text)
    total.lines++
    if ('error' in line) total.bad.push({ number, error: line.error })
    else {
      total.good++
      total.chunks += cut(line, profile).entries.length
    }
    // Other requests want their turn.
    if (total.lines % lineBatch === 0) await new Promise(setImmediate)
  }
  return total
}

function cut(line: Line, profile: ChunkProfile): Cut {
  const pages = [...splitIntoPages(cleanText(line.text))].map((text, index) => ({ number: index + 1, text }))
  const isOnlyPage = pages.length === 1
  const cutPage = createCutter({ title: line.name, mediaType: 'text/plain', profile, isOnlyPage })
  return { ...line, pages, entries: pages.flatMap(({ number, text }) => cutPage(number, text)) }
}

function parse(text: string): Line | { error: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { error: 'is not JSON' }
  }
  if (typeof value !== 'object' || value === null) return { error: 'is not an object' }
  const { id, title, text: body } = value as Record<string, unknown>
  if ((typeof id !== 'string' && typeof id !== 'number') || String(id) === '' || String(id).length > 500)
    return { error: 'has no id' }
  if (typeof body !== 'string' || body.trim() === '') return { error: 'has no text' }
  const externalId = String(id).replaceAll('\0', '')
  const name = typeof title === 'string' && title.trim() ? cleanText(title).trim().slice(0, 500) : externalId
  const sha256 = createHash('sha256').update(`${name}\0${body}`).digest('hex')
  return { externalId, name, text: body, sha256 }
}

function describe(bad: { number: number; error: string }[]): string {
  const mentioned = bad.slice(0, mentionedLines).map(({ number, error }) => `line ${number} ${error}`)
  const more = bad.length > mentionedLines ? `, and ${bad.length - mentionedLines} more` : ''
  return `${mentioned.join(', ')}${more}`
}
