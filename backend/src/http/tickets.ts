import { createRoute } from '@hono/zod-openapi'
import { CreateTicket, Ticket } from '@nitroagi/shared/identity'
import type { Tickets } from '../services/tickets.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const create = createRoute({
  method: 'post',
  path: '/tickets',
  summary: 'Open one upload or one WebSocket straight to the backend, within 30 seconds',
  tags: ['Accounts'],
  request: { body: { ...json(CreateTicket, 'What to open'), required: true } },
  responses: { 201: json(Ticket, 'Good for one use'), ...errorResponses },
})

export const ticketRoutes = (tickets: Tickets) =>
  createRoutes().openapi(create, async (c) => c.json(await tickets.create(c.get('call'), c.req.valid('json')), 201))
