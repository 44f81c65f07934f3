import { createRoute, z } from '@hono/zod-openapi'
import { Session } from '@nitroagi/shared/identity'
import type { Sessions } from '../services/sessions.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const list = createRoute({
  method: 'get',
  path: '/sessions',
  summary: 'Where you are signed in',
  tags: ['Accounts'],
  responses: { 200: json(z.object({ items: z.array(Session) }), 'The one seen last first'), ...errorResponses },
})

const revoke = createRoute({
  method: 'delete',
  path: '/sessions/{id}',
  summary: 'End a session',
  tags: ['Accounts'],
  request: { params: z.object({ id: z.union([z.literal('current'), z.uuid()]) }) },
  responses: { 204: { description: 'It is refused everywhere within 5 seconds' }, ...errorResponses },
})

const revokeOthers = createRoute({
  method: 'delete',
  path: '/sessions',
  summary: 'End all sessions but this one',
  tags: ['Accounts'],
  responses: { 200: json(z.object({ ended: z.int() }), 'How many there were'), ...errorResponses },
})

export const sessionRoutes = (sessions: Sessions) =>
  createRoutes()
    .openapi(list, async (c) => c.json({ items: await sessions.list(c.get('call')) }, 200))
    .openapi(revoke, async (c) => {
      await sessions.revoke(c.get('call'), c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(revokeOthers, async (c) => c.json(await sessions.revokeOthers(c.get('call')), 200))
