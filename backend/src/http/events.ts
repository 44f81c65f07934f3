import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import type { LoggedEvent } from '../services/port.ts'
import type { Env } from './routes.ts'

const heartbeatMs = 15_000

/**
 * Writes a run's log as server-sent events: `id:` is the `seq`, so a reader that was cut comes back with Last-Event-ID.
 * Straight to the socket, because thousands of readers cost several times more through a web stream.
 */
export async function sendEvents(c: Context<Env>, events: AsyncIterable<LoggedEvent[]>): Promise<Response> {
  const response = c.env.outgoing as ServerResponse
  response.writeHead(200, {
    ...Object.fromEntries(c.res.headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'private, no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-vercel-ai-ui-message-stream': 'v1',
  })
  response.flushHeaders()
  const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs)
  try {
    for await (const batch of events) {
      if (response.destroyed) break
      const flowing = response.write(batch.map(({ seq, json }) => `id: ${seq}\ndata: ${json}\n\n`).join(''))
      // A slow reader waits at its cursor in the log; nothing piles up here.
      if (!flowing) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
    response.end('data: [DONE]\n\n')
  } catch (error) {
    c.get('call').log.error('events-failed', { error })
    response.destroy()
  } finally {
    clearInterval(heartbeat)
  }
  return RESPONSE_ALREADY_SENT
}
