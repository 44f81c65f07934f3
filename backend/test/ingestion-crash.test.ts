import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Document, UploadResult } from '@nitroagi/shared/knowledge'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { openPglite } from '../src/ports/database/pglite.ts'
import { spawnBackend, type BackendProcess } from './backend-process.ts'
import { openTestPostgres } from './test-database.ts'

const server = process.env['TEST_DATABASE_URL']
const pages = 240

let dataDir: string
let running: BackendProcess | undefined
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'nitro-ingestion-crash-'))))
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended
  await rm(dataDir, { recursive: true, force: true })
})

describe('with the embedded database', () => killedInMidIngestion())
if (server) describe('with PostgreSQL', () => killedInMidIngestion(server))
else it.skip('with PostgreSQL: skipped, because TEST_DATABASE_URL is not set', () => {})

function killedInMidIngestion(server?: string) {
  it('ends with the same passages, each once, however often the backend is killed with -9 while it reads', async () => {
    const database = server ? await openTestPostgres(server) : undefined
    const env: Record<string, string> = database ? { DATABASE_URL: database.url } : {}
    try {
      const pdf = await manyPages()
      running = await spawnBackend({ dataDir, env })
      await send(
        running,
        '/api/v1/operator/users',
        JSON.stringify({ email: 'a@example.com', password: 'long enough 1' }),
      )
      const undisturbed = await upload(running, 'undisturbed', pdf)
      expect((await settled(running, undisturbed)).status).toBe('ready')

      const disturbed = await upload(running, 'disturbed', pdf)
      const moments: string[] = []
      for (const isDue of momentsToKill()) {
        moments.push(await until(running, disturbed, isDue))
        running.kill('SIGKILL')
        await running.ended
        running = await spawnBackend({ dataDir, env })
      }
      const document = await settled(running, disturbed)
      expect(document, `killed at ${moments.join(', ')}`).toMatchObject({
        status: 'ready',
        error: null,
        pagesDone: pages,
      })
      running.kill('SIGTERM')
      await running.ended

      const connection = database ?? (await openPglite({ dataDir: join(dataDir, 'database') }))
      try {
        const golden = await passages(connection, undisturbed)
        expect(golden.length).toBeGreaterThanOrEqual(pages)
        expect(await passages(connection, disturbed), `killed at ${moments.join(', ')}`).toEqual(golden)
        expect(await strayVectors(connection, [undisturbed, disturbed])).toEqual([])
      } finally {
        if (!database) await connection.close()
      }
    } finally {
      running?.kill('SIGKILL')
      await running?.ended
      await database?.close()
    }
  }, 240_000)
}

/** Pages that no two are alike, short enough that embedding them takes little of the test's time. */
async function manyPages(): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  for (let number = 1; number <= pages; number++) {
    pdf
      .addPage()
      .drawText(`Page ${number} tells of ${number * 7} apples and of ${number * 13} pears.`, { size: 12, font })
  }
  return Buffer.from(await pdf.save())
}

async function passages(connection: Connection, documentId: string) {
  const rows = await connection.query<{ ordinal: number; page: number; content: string; lexemes: string[] }>(
    `SELECT ordinal, page, content, lexemes FROM knowledge_entries WHERE document_id = $1 ORDER BY ordinal, id`,
    [documentId],
  )
  return rows.map(({ ordinal, page, ...words }) => ({
    ordinal,
    page,
    sha256: createHash('sha256').update(JSON.stringify(words)).digest('hex'),
  }))
}

/** Batches are cut elsewhere after a kill, so sums may end in other digits. */
const strayVectors = (connection: Connection, ids: [string, string]) =>
  connection.query(
    `SELECT a.ordinal FROM knowledge_entries a JOIN knowledge_entries b USING (workspace_id, ordinal)
     WHERE a.document_id = $1 AND b.document_id = $2 AND NOT a.embedding <=> b.embedding < 0.0001`,
    ids,
  )

/** Between two batches of pages, at the turn to embedding, and between two batches of passages. */
function momentsToKill(): ((document: Document) => boolean)[] {
  const some = Math.ceil(Math.random() * (pages - 100))
  return [
    ({ pagesDone, status }) => pagesDone >= some || status !== 'extracting',
    ({ status }) => status === 'embedding',
    ({ chunksDone }) => chunksDone >= some,
  ]
}

/** Waits for the moment; a document that has ended before is one that no kill can hurt. */
async function until(backend: BackendProcess, id: string, isDue: (document: Document) => boolean): Promise<string> {
  for (;;) {
    const document = await find(backend, id)
    const { status, pagesDone, chunksDone } = document
    if (isDue(document) || status === 'ready' || status === 'failed') return `${status} ${pagesDone}/${chunksDone}`
    await sleep(20)
  }
}

async function settled(backend: BackendProcess, id: string): Promise<Document> {
  for (let waited = 0; ; waited += 200) {
    const document = await find(backend, id)
    if (document.status === 'ready' || document.status === 'failed' || waited > 90_000) return document
    await sleep(200)
  }
}

const headers = (backend: BackendProcess) => ({ authorization: `Bearer ${backend.operatorKey}` })

async function find(backend: BackendProcess, id: string): Promise<Document> {
  const response = await fetch(`${backend.url}/api/v1/documents/${id}`, { headers: headers(backend) })
  expect(response.status).toBe(200)
  return (await response.json()) as Document
}

/** Each into a collection of its own, where the same bytes are not known yet. */
async function upload(backend: BackendProcess, name: string, pdf: Buffer): Promise<string> {
  const { id } = await send<{ id: string }>(backend, '/api/v1/collections', JSON.stringify({ name }))
  const { documents } = await send<UploadResult>(backend, `/api/v1/collections/${id}/documents?name=pages.pdf`, pdf)
  return documents[0]!.id
}

async function send<Body>(backend: BackendProcess, path: string, body: string | Buffer): Promise<Body> {
  const response = await fetch(backend.url + path, {
    method: 'POST',
    headers: { ...headers(backend), 'content-type': typeof body === 'string' ? 'application/json' : 'application/pdf' },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  expect(response.status, path).toBeLessThan(300)
  return (await response.json()) as Body
}
