import { setTimeout as sleep } from 'node:timers/promises'
import type { Document, UploadResult } from '@nitroagi/shared/knowledge'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { startBackend, type BenchBackend } from './backend.ts'
import { ask, send } from './client.ts'
import { peakResidentMb, residentMb, resetPeak } from './process-figures.ts'
import { atLeast, atMost, notMeasured, type Bench, type Figure, type Row } from './row.ts'
import { startServer } from './surroundings.ts'

const rate = (what: string, aim: number) => ({ what, aim: atLeast(aim, 'passages/s') })
const withUseLite = rate('Embedded by use-lite', 15)
const withInstant = rate('Embedded by a server that answers at once', 300)
const pages = 5_000
const whole = { what: `PDF of ${pages} pages until it is searchable`, aim: atMost(60, 's') }
const slowest = { what: 'The slowest answer of /health/live meanwhile', aim: atMost(250, 'ms') }
const grown = { what: 'Backend memory above idle meanwhile, at its highest', aim: null }

export const ingestion: Row = {
  name: 'ingestion',
  title: 'Reading documents',
  method: `Passages a second from the upload until all of them are searchable, of a text of made-up sentences. The PDF has ${pages} pages of text and is embedded by a server on loopback that answers at once; /health/live is asked every 50 ms.`,
  async run(bench) {
    const figures = [await measureUseLite(bench)]
    if (!bench.postgres) {
      const why = 'not measured: TEST_DATABASE_URL is not set'
      return [...figures, ...[withInstant, whole, slowest].map(({ what, aim }) => notMeasured(what, aim, why))]
    }
    return [...figures, await measureInstant(bench), ...(await measurePdf(bench))]
  },
}

async function measureUseLite(bench: Bench): Promise<Figure> {
  const backend = await startBackend(bench)
  try {
    return await measureRate(backend, bench, withUseLite, bench.isQuick ? 60 : 400)
  } finally {
    await backend.close()
  }
}

const measureInstant = (bench: Bench): Promise<Figure> =>
  withInstantEmbedder(bench, (backend) => measureRate(backend, bench, withInstant, bench.isQuick ? 500 : 6_000))

async function withInstantEmbedder<Result>(
  bench: Bench,
  work: (backend: BenchBackend) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(new URL('embedding-server.ts', import.meta.url))
  const backend = await startBackend(bench, {
    NITRO_EMBEDDING_MODEL: 'compatible/instant@512',
    OPENAI_COMPATIBLE_BASE_URL: `${server.url}/v1`,
  })
  try {
    return await work(backend)
  } finally {
    await backend.close()
    await server.close()
  }
}

async function measureRate(
  backend: BenchBackend,
  bench: Bench,
  { what, aim }: Pick<Figure, 'what' | 'aim'>,
  passages: number,
): Promise<Figure> {
  const { document, seconds } = await read(backend, 'made-up.txt', Buffer.from(textOf(passages)))
  const perSecond = document.chunksDone / seconds
  bench.say(`${document.chunksDone} passages in ${seconds.toFixed(1)} s`)
  const remark = `${document.chunksDone} passages in ${seconds.toFixed(1)} s; on ${backend.database}`
  return { what, aim, measured: perSecond, unit: 'passages/s', remark }
}

const measurePdf = (bench: Bench): Promise<Figure[]> =>
  withInstantEmbedder(bench, async (backend) => {
    const count = bench.isQuick ? 200 : pages
    const pdf = await pdfOf(count)
    const before = residentMb(backend.pid)
    resetPeak(backend.pid)
    const watching = new AbortController()
    const latencies = watchHealth(backend, watching.signal)
    const { document, seconds, extractedAfter } = await read(backend, 'long.pdf', pdf)
    watching.abort()
    const remark = `${count} pages, ${(pdf.length / 1024 ** 2).toFixed(1)} MB, ${document.chunksDone} passages; all pages read after ${extractedAfter.toFixed(1)} s`
    bench.say(remark)
    return [
      { ...whole, measured: seconds, unit: 's', remark },
      { ...slowest, measured: Math.max(...(await latencies)), unit: 'ms' },
      { ...grown, measured: peakResidentMb(backend.pid) - before, unit: 'MB' },
    ]
  })

/** Uploads a file and waits until it can be searched; throws with the reason when it cannot. */
async function read(backend: BenchBackend, name: string, bytes: Buffer) {
  await ask(backend, 'POST', '/api/v1/operator/users', { email: 'a@example.com', password: 'a long password' })
  const { id } = await ask<{ id: string }>(backend, 'POST', '/api/v1/collections', { name })
  const begun = performance.now()
  const response = await fetch(`${backend.url}/api/v1/collections/${id}/documents?name=${name}`, {
    method: 'POST',
    headers: { ...backend.headers, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  })
  if (!response.ok) throw new Error(`The upload was answered ${response.status}: ${await response.text()}`)
  const uploaded = ((await response.json()) as UploadResult).documents[0]!
  let extractedAfter: number | undefined
  for (;;) {
    const document = await ask<Document>(backend, 'GET', `/api/v1/documents/${uploaded.id}`)
    const seconds = (performance.now() - begun) / 1000
    if (document.status !== 'received' && document.status !== 'extracting') extractedAfter ??= seconds
    if (document.status === 'failed') throw new Error(`${name} failed: ${document.error?.message}`)
    if (document.status === 'ready') return { document, seconds, extractedAfter: extractedAfter ?? seconds }
    await sleep(100)
  }
}

async function watchHealth(backend: BenchBackend, signal: AbortSignal): Promise<number[]> {
  const latencies: number[] = []
  while (!signal.aborted) {
    const asked = performance.now()
    await send(backend, { method: 'GET', path: '/health/live' })
    latencies.push(performance.now() - asked)
    await sleep(50)
  }
  return latencies
}

/** About so many passages: paragraphs of the usual size, no two alike. */
const textOf = (passages: number) => Array.from({ length: passages }, (_, index) => paragraph(index)).join('\n\n')

const subjects = ['harbour', 'railway', 'orchard', 'observatory', 'library', 'glacier', 'market', 'theatre']
const verbs = ['opened', 'closed', 'grew', 'burned', 'moved', 'was rebuilt', 'was painted', 'was measured']

function paragraph(index: number): string {
  const sentences = Array.from({ length: 10 }, (_, line) => {
    const at = index * 10 + line
    return `In ${1500 + (at % 500)} the ${subjects[at % 8]} of district ${at} ${verbs[(at >> 3) % 8]} for the ${at % 97}th time.`
  })
  return sentences.join(' ')
}

async function pdfOf(count: number): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  for (let number = 0; number < count; number++) {
    const lines = paragraph(number).match(/.{1,90}(\s|$)/g) ?? []
    pdf.addPage([595, 842]).drawText(lines.join('\n'), { x: 40, y: 780, size: 11, lineHeight: 14, font })
  }
  return Buffer.from(await pdf.save())
}
