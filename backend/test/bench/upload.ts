import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { limits } from '@nitroagi/shared/limits'
import { startBackend } from './backend.ts'
import { ask, type Target } from './client.ts'
import { peakResidentMb, residentMb, resetPeak } from './process-figures.ts'
import { atMost, median, notMeasured, type Bench, type Row } from './row.ts'

const accepted = { what: 'Sent until accepted', aim: atMost(10, 's') }
const grown = { what: 'Backend memory above idle, at its highest', aim: atMost(100, 'MB') }
const megabytes = limits.uploadBytes / 1024 ** 2

export const upload: Row = {
  name: 'upload',
  title: `Upload of ${megabytes} MB`,
  method: `A text file of ${megabytes} MB, made up as it is sent, to a backend that has just started; median of the times, worst of the memory (the kernel’s own high-water mark of the RSS, until the file is accepted).`,
  async run(bench) {
    const seconds: number[] = []
    const megabytesMore: number[] = []
    let database = ''
    for (let sample = 0; sample < (bench.isQuick ? 1 : 3); sample++) {
      const measured = await uploadOnce(bench)
      if ('refused' in measured) {
        return [notMeasured(accepted.what, accepted.aim, measured.refused), notMeasured(grown.what, grown.aim, '')]
      }
      bench.say(`${measured.seconds.toFixed(1)} s, + ${measured.megabytesMore.toFixed(0)} MB`)
      seconds.push(measured.seconds)
      megabytesMore.push(measured.megabytesMore)
      database = measured.database
    }
    const remark = `${seconds.length} uploads, the slowest ${Math.max(...seconds).toFixed(1)} s; on ${database}`
    return [
      { ...accepted, measured: median(seconds), unit: 's', remark },
      { ...grown, measured: Math.max(...megabytesMore), unit: 'MB' },
    ]
  },
}

interface Uploaded {
  seconds: number
  megabytesMore: number
  database: string
}

/** Each with a backend of its own: the last one's would be busy with reading what it was given. */
async function uploadOnce(bench: Bench): Promise<Uploaded | { refused: string }> {
  const backend = await startBackend(bench)
  try {
    await ask(backend, 'POST', '/api/v1/operator/users', { email: 'a@example.com', password: 'a long password' })
    const { id } = await ask<{ id: string }>(backend, 'POST', '/api/v1/collections', { name: 'Large files' })
    const before = residentMb(backend.pid)
    resetPeak(backend.pid)
    const begun = performance.now()
    const { status, text } = await post(backend, `/api/v1/collections/${id}/documents?name=large.txt`)
    const seconds = (performance.now() - begun) / 1000
    if (status !== 201) return { refused: `not measured: the upload was answered ${status}: ${text.slice(0, 200)}` }
    return { seconds, megabytesMore: peakResidentMb(backend.pid) - before, database: backend.database }
  } finally {
    await backend.close()
  }
}

async function post({ url, headers }: Target, path: string): Promise<{ status: number; text: string }> {
  const outgoing = request(new URL(path, url), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': limits.uploadBytes },
  })
  const reply = new Promise<{ status: number; text: string }>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
  })
  // A refusal may come while the rest is still being sent.
  pipeline(Readable.from(largeText()), outgoing).catch(() => {})
  return reply
}

function* largeText(): Generator<string> {
  const pieceBytes = 64 * 1024
  for (let sent = 0; sent < limits.uploadBytes; sent += pieceBytes) {
    const line = `At byte ${sent} the report speaks of the year ${1800 + ((sent / pieceBytes) % 200)} and its harvest.\n`
    yield line.repeat(Math.ceil(pieceBytes / line.length)).slice(0, Math.min(pieceBytes, limits.uploadBytes - sent))
  }
}
