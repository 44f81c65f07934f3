import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Context } from 'hono'
import type { Metrics } from '../metrics.ts'
import type { LoggedEvent } from '../services/port.ts'
import { endWhenRefused } from './renewal.ts'
import type { Env } from './routes.ts'

/** Counts who is reading now. */
export type Streams = Pick<Metrics, 'streamOpened'>

const heartbeatMs = 15_000

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'private, no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'x-vercel-ai-ui-message-stream': 'v1',
}

/**
 * Writes a run's log as server-sent events: `id:` is the `seq`, so a reader that was cut comes back with Last-Event-ID.
 * Straight to the socket, because thousands of readers cost several times more through a web stream.
 */
export function sendEvents(c: Context<Env>, events: AsyncIterable<LoggedEvent[]>, metrics: Streams): Response {
  const response = c.env.outgoing as ServerResponse
  response.writeHead(200, { ...Object.fromEntries(c.res.headers), ...headers, 'x-request-id': c.get('call').requestId })
  response.flushHeaders()
  response.once('close', metrics.streamOpened('sse'))
  // Whoever loses the right to read in the middle of an answer reads no more of it.
  response.once(
    'close',
    endWhenRefused(c, () => response.destroy()),
  )
  void write(response, events).catch((error: unknown) => {
    c.get('call').log.error('events-failed', { error })
    response.destroy()
  })
  // What tells the server that the socket is ours from here on, and the log what kind of answer this was.
  return new Response(null, { headers: { ...headers, 'x-hono-already-sent': 'true' } })
}

async function write(response: ServerResponse, events: AsyncIterable<LoggedEvent[]>): Promise<void> {
  const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs)
  try {
    for await (const batch of events) {
      if (response.destroyed) return
      const flowing = response.write(batch.map(({ seq, json }) => `id: ${seq}\ndata: ${json}\n\n`).join(''))
      // A slow reader waits at its cursor in the log; nothing piles up here.
      if (!flowing) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
    response.end('data: [DONE]\n\n')
  } finally {
    clearInterval(heartbeat)
  }
}
