import { createRoute, z } from '@hono/zod-openapi'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { ChangeCaps, MySpending, SetCap, WorkspaceSpending } from '@nitroagi/shared/spending'
import type { Spending } from '../services/spending.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const admin = { tags: ['Spending'], middleware: requires('admin') }
const params = z.object({ id: z.uuid() })
const body = <Schema extends z.ZodType>(schema: Schema, what: string) => ({ ...json(schema, what), required: true })
const responses = {
  200: json(WorkspaceSpending, 'What was spent in this month, and what may be'),
  403: json(ErrorEnvelope, 'For owners and admins'),
  ...errorResponses,
}

/** Mounted at /api/v1. */
export const spendingRoutes = (spending: Spending) =>
  createRoutes()
    .openapi(
      createRoute({
        ...admin,
        method: 'get',
        path: '/workspace/spending',
        summary: 'What the workspace, its members and their keys have spent in this month',
        responses,
      }),
      async (c) => c.json(await spending.overview(c.get('call')), 200),
    )
    .openapi(
      createRoute({
        ...admin,
        method: 'put',
        path: '/workspace/spending',
        summary: 'Cap what the workspace and every member may spend in a month',
        request: { body: body(ChangeCaps, 'Only what is named changes') },
        responses,
      }),
      async (c) => c.json(await spending.change(c.get('call'), c.req.valid('json')), 200),
    )
    .openapi(
      createRoute({
        ...admin,
        method: 'put',
        path: '/workspace/spending/members/{id}',
        summary: 'Cap what one member may spend in a month',
        request: { params, body: body(SetCap, 'null gives the common cap back') },
        responses,
      }),
      async (c) =>
        c.json(await spending.capMember(c.get('call'), c.req.valid('param').id, c.req.valid('json').cap), 200),
    )
    .openapi(
      createRoute({
        ...admin,
        method: 'put',
        path: '/workspace/spending/keys/{id}',
        summary: 'Cap what one API key may spend in a month',
        request: { params, body: body(SetCap, 'null takes the cap away') },
        responses,
      }),
      async (c) => c.json(await spending.capKey(c.get('call'), c.req.valid('param').id, c.req.valid('json').cap), 200),
    )
    .openapi(
      createRoute({
        tags: ['Spending'],
        middleware: requires('read'),
        method: 'get',
        path: '/me/spending',
        summary: 'What you have spent in this month, and may',
        responses: { 200: json(MySpending, 'Yours in this workspace'), ...errorResponses },
      }),
      async (c) => c.json(await spending.mine(c.get('call')), 200),
    )
