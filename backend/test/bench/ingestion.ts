import { setTimeout as sleep } from 'node:timers/promises'
import type { Document, UploadResult } from '@nitroagi/shared/knowledge'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { startBackend, type BenchBackend } from './backend.ts'
import { ask, send } from './client.ts'
import { cpuSeconds, cpuSecondsOfEnded, peakResidentMb, residentMb, resetPeak } from './process-figures.ts'
import { atLeast, atMost, notMeasured, type Bench, type Figure, type Row } from './row.ts'
import { startServer } from './surroundings.ts'

const rate = (what: string, aim: number) => ({ what, aim: atLeast(aim, 'passages/s') })
const withUseLite = rate('Embedded by use-lite', 15)
const withInstant = rate('Embedded by a server that answers at once', 300)
const spent = { what: 'Processor time that 1,000 of them take of the backend and its readers', aim: null }
const pages = 5_000
const whole = { what: `PDF of ${pages} pages until it is searchable`, aim: atMost(60, 's') }
const slowest = { what: 'The slowest answer of /health/live meanwhile', aim: atMost(250, 'ms') }
const grown = { what: 'Backend memory above idle meanwhile, at its highest', aim: null }
const embedded = { what: `Text of ${pages} passages into the embedded database, with an instant embedder`, aim: null }
const slowestEmbedded = {
  what: 'The slowest answer of /health/live while the embedded database has it',
  aim: slowest.aim,
}

export const ingestion: Row = {
  name: 'ingestion',
  title: 'Reading documents',
  method: `Passages a second from the upload until all of them are searchable, of a text of made-up sentences. The PDF has ${pages} pages of text and is embedded by a server on loopback that answers at once; /health/live is asked every 50 ms.`,
  async run(bench) {
    const figures = [await measureUseLite(bench), ...(await measureEmbedded(bench))]
    if (!bench.postgres) {
      const why = 'not measured: TEST_DATABASE_URL is not set'
      return [...figures, ...[withInstant, spent, whole, slowest].map(({ what, aim }) => notMeasured(what, aim, why))]
    }
    return [...figures, ...(await measureInstant(bench)), ...(await measurePdf(bench))]
  },
}

async function measureUseLite(bench: Bench): Promise<Figure> {
  const backend = await startBackend(bench)
  try {
    return (await measureRate(backend, bench, withUseLite, bench.isQuick ? 60 : 400)).figure
  } finally {
    await backend.close()
  }
}

const measureInstant = (bench: Bench): Promise<Figure[]> =>
  withInstantEmbedder(bench, async (backend) => {
    const { figure, cpuPerThousand } = await measureRate(backend, bench, withInstant, bench.isQuick ? 500 : 6_000)
    return [figure, { ...spent, measured: cpuPerThousand, unit: 's' }]
  })

/** Publishing is one statement over all passages, and this database is in the backend’s own process. */
const measureEmbedded = (bench: Bench): Promise<Figure[]> =>
  withInstantEmbedder({ ...bench, postgres: undefined }, async (backend) => {
    const text = Buffer.from(textOf(bench.isQuick ? 500 : pages))
    const { read: done, slowestMs } = await whileWatched(backend, () => read(backend, 'long.txt', text))
    const remark = `${done.document.chunksDone} passages; ${done.cpu.toFixed(1)} s of processor time`
    bench.say(`In ${done.seconds.toFixed(1)} s into the embedded database: ${remark}`)
    return [
      { ...embedded, measured: done.seconds, unit: 's', remark },
      { ...slowestEmbedded, measured: slowestMs, unit: 'ms' },
    ]
  })

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
): Promise<{ figure: Figure; cpuPerThousand: number }> {
  const { document, seconds, cpu } = await read(backend, 'made-up.txt', Buffer.from(textOf(passages)))
  const perSecond = document.chunksDone / seconds
  bench.say(`${document.chunksDone} passages in ${seconds.toFixed(1)} s`)
  const remark = `${document.chunksDone} passages in ${seconds.toFixed(1)} s; on ${backend.database}`
  return {
    figure: { what, aim, measured: perSecond, unit: 'passages/s', remark },
    cpuPerThousand: (cpu / document.chunksDone) * 1_000,
  }
}

const measurePdf = (bench: Bench): Promise<Figure[]> =>
  withInstantEmbedder(bench, async (backend) => {
    const count = bench.isQuick ? 200 : pages
    const pdf = await pdfOf(count)
    const before = residentMb(backend.pid)
    resetPeak(backend.pid)
    const { read: done, slowestMs } = await whileWatched(backend, () => read(backend, 'long.pdf', pdf))
    const { document, seconds, cpu, extractedAfter } = done
    const remark = `${count} pages, ${(pdf.length / 1024 ** 2).toFixed(1)} MB, ${document.chunksDone} passages; all pages read after ${extractedAfter.toFixed(1)} s; ${cpu.toFixed(1)} s of processor time`
    bench.say(remark)
    return [
      { ...whole, measured: seconds, unit: 's', remark },
      { ...slowest, measured: slowestMs, unit: 'ms' },
      { ...grown, measured: peakResidentMb(backend.pid) - before, unit: 'MB' },
    ]
  })

/** Uploads a file and waits until it can be searched; throws with the reason when it cannot. */
async function read(backend: BenchBackend, name: string, bytes: Buffer) {
  await ask(backend, 'POST', '/api/v1/operator/users', { email: 'a@example.com', password: 'a long password' })
  const { id } = await ask<{ id: string }>(backend, 'POST', '/api/v1/collections', { name })
  const begun = performance.now()
  const cpuSoFar = () => cpuSeconds(backend.pid) + cpuSecondsOfEnded(backend.pid)
  const cpuBefore = cpuSoFar()
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
    if (document.status === 'ready') {
      return { document, seconds, cpu: cpuSoFar() - cpuBefore, extractedAfter: extractedAfter ?? seconds }
    }
    await sleep(100)
  }
}

async function whileWatched<Result>(backend: BenchBackend, work: () => Promise<Result>) {
  const watching = new AbortController()
  const latencies = watchHealth(backend, watching.signal)
  const done = await work().finally(() => watching.abort())
  return { read: done, slowestMs: Math.max(...(await latencies)) }
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
