import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Env } from './routes.ts'

/** Gives each request its id, and says one wide line when it has ended, a stream when its last byte is out. */
export const requestEnd = ({ log, metrics }: { log: Log; metrics: Metrics }) =>
  createMiddleware<Env>(async (c, next) => {
    const begun = performance.now()
    c.set('requestId', randomUUID())
    await next()
    c.res.headers.set('x-request-id', c.get('requestId'))
    const firstByteMs = performance.now() - begun
    const end = (streamed: boolean) =>
      report(c, { log, metrics, firstByteMs, durationMs: performance.now() - begun, streamed })
    // In tests there is no socket to wait for.
    const outgoing = isStream(c) ? c.env?.outgoing : undefined
    if (outgoing && !outgoing.closed) outgoing.once('close', () => end(true))
    else end(false)
  })

const isStream = (c: Context<Env>) => c.res.headers.get('content-type')?.startsWith('text/event-stream') === true

interface Report {
  log: Log
  metrics: Metrics
  firstByteMs: number
  durationMs: number
  streamed: boolean
}

function report(c: Context<Env>, { log, metrics, firstByteMs, durationMs, streamed }: Report): void {
  const route = patternOf(c)
  const { status } = c.res
  metrics.requestEnded({ method: c.req.method, route, status, seconds: firstByteMs / 1000 })
  const actor = c.get('call')?.actor
  log.info('request-end', {
    requestId: c.get('requestId'),
    method: c.req.method,
    route,
    status,
    durationMs: Math.round(durationMs * 100) / 100,
    ...(streamed ? { firstByteMs: Math.round(firstByteMs * 100) / 100 } : {}),
    ...(actor && { userId: actor.userId, workspaceId: actor.workspaceId, via: actor.via }),
  })
}

/** The route's pattern, never the path itself: paths are endless as labels, and hold ids. */
function patternOf(c: Context<Env>): string {
  return matchedRoutes(c).findLast((route) => route.method !== 'ALL')?.path ?? 'unmatched'
}
