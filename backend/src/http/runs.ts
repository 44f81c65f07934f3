import { createRoute, z } from '@hono/zod-openapi'
import { SentMessage } from '@nitroagi/shared/conversations'
import { Run } from '@nitroagi/shared/runs'
import type { Runs } from '../services/port.ts'
import { IdempotencyHeader } from './conversations.ts'
import { sendEvents, type Streams } from './events.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })
const seq = z.coerce.number('must be the number of an event').int().nonnegative()

export function runRoutes({ runs, metrics }: { runs: Runs; metrics: Streams }) {
  const routes = createRoutes()

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/{id}',
      middleware: requires('read'),
      request: { params },
      responses: { 200: json(Run, 'The run as it is now'), ...errorResponses },
    }),
    async (c) => c.json(await runs.find(c.get('call'), c.req.valid('param').id), 200),
  )

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/{id}/events',
      middleware: requires('read'),
      description: 'Replays the run’s log from after `after` (or Last-Event-ID) and follows it to its end.',
      request: {
        params,
        query: z.object({ after: seq.optional() }),
        headers: z.object({ 'last-event-id': seq.optional() }),
      },
      responses: {
        200: {
          description: 'UI message stream chunks; `id:` is the seq',
          content: { 'text/event-stream': { schema: z.string() } },
        },
        ...errorResponses,
      },
    }),
    async (c) => {
      const after = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').after ?? 0
      return sendEvents(c, await runs.events(c.get('call'), c.req.valid('param').id, after), metrics) as never
    },
  )

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/{id}/stop',
      middleware: requires('chat'),
      request: { params },
      responses: { 200: json(Run, 'The run; it ends within moments, with what it had written'), ...errorResponses },
    }),
    async (c) => c.json(await runs.stop(c.get('call'), c.req.valid('param').id), 200),
  )

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/{id}/continue',
      middleware: requires('chat'),
      request: { params, headers: IdempotencyHeader },
      responses: { 202: json(SentMessage, 'A new run that goes on from this one'), ...errorResponses },
    }),
    async (c) => {
      const run = await runs.continue(c.get('call'), c.req.valid('param').id, c.req.valid('header')['idempotency-key'])
      return c.json({ run }, 202)
    },
  )

  return routes
}
