import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { NitroChunk, RunEvent } from '@nitroagi/shared/runs'

/** How a connection ends early: after so many bytes, with an HTTP status instead, or not at all. */
export type Cut = { afterBytes: number } | { status: number; code: string; retryAfter?: string } | 'none'

/** A server that speaks the log's protocol over real sockets, and cuts them as it is told. */
export async function startRunServer(events: RunEvent[], cutFor: (connection: number) => Cut) {
  const runId = randomUUID()
  const cursors: number[] = []
  const posts: { key: string | undefined; body: unknown; path: string }[] = []
  let dropPosts = 0

  const server = createServer((request, response) => {
    if (request.method === 'POST') void takePost(request, response)
    else serveEvents(request, response)
  })

  async function takePost(request: IncomingMessage, response: ServerResponse) {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const key = request.headers['idempotency-key']?.toString()
    posts.push({ key, body: JSON.parse(Buffer.concat(pieces).toString() || 'null'), path: request.url ?? '' })
    // The server has the message, and its answer is lost on the way.
    if (posts.length <= dropPosts) return void response.destroy()
    answerJson(response, 202, { run: runOf(runId) })
  }

  function serveEvents(request: IncomingMessage, response: ServerResponse) {
    const after = Number(request.headers['last-event-id'] ?? 0)
    cursors.push(after)
    const cut = cutFor(cursors.length - 1)
    if (typeof cut === 'object' && 'status' in cut) {
      const error = { error: { code: cut.code, message: cut.code } }
      return answerJson(response, cut.status, error, cut.retryAfter ? { 'retry-after': cut.retryAfter } : {})
    }
    const left = events.filter(({ seq }) => seq > after)
    const bytes = Buffer.from(
      `: hello\n\n${left.map(({ seq, chunk }) => `id: ${seq}\ndata: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`,
    )
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (cut === 'none') return void response.end(bytes)
    response.write(bytes.subarray(0, cut.afterBytes), () => setTimeout(() => response.destroy(), 5))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    runId,
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The cursor that each connection began at. */
    cursors,
    posts,
    losePosts: (count: number) => (dropPosts = count),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answerJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

const runOf = (id: string) => ({
  id,
  conversationId: randomUUID(),
  userMessageId: randomUUID(),
  messageId: randomUUID(),
  status: 'running',
  lastSeq: 0,
  createdAt: new Date().toISOString(),
  finishedAt: null,
  usage: null,
  error: null,
})

/** An answer of so many deltas, with characters of two, three and four bytes in it. */
export function answerEvents(deltas: number, last: NitroChunk = { type: 'finish' }): RunEvent[] {
  const chunks: NitroChunk[] = [
    { type: 'start', messageId: 'm' },
    { type: 'text-start', id: 't' },
    ...Array.from({ length: deltas }, (_, index) => ({
      type: 'text-delta' as const,
      id: 't',
      delta: `${index} wörter 漢字 🙂\n`,
    })),
    { type: 'text-end', id: 't' },
    last,
  ]
  return chunks.map((chunk, index) => ({ seq: index + 1, chunk }))
}
