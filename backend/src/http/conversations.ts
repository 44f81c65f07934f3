import { createRoute, z } from '@hono/zod-openapi'
import {
  Conversation,
  ConversationDetail,
  ConversationPage,
  CreateConversation,
  SendMessage,
  SentMessage,
  UpdateConversation,
} from '@nitroagi/shared/conversations'
import { limits } from '@nitroagi/shared/limits'
import { PageQuery } from '@nitroagi/shared/paging'
import type { Conversations } from '../services/conversations.ts'
import type { Runs } from '../services/port.ts'
import { sendEvents, type Streams } from './events.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
  required: true,
})

export const IdempotencyHeader = z.object({
  'idempotency-key': z.string().min(1).max(limits.idempotencyKeyCharacters).optional(),
})

interface Needs {
  conversations: Conversations
  runs: Runs
  metrics: Streams
}

export function conversationRoutes({ conversations, runs, metrics }: Needs) {
  const routes = createRoutes()

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/',
      middleware: requires('read'),
      request: { query: PageQuery },
      responses: { 200: json(ConversationPage, 'Conversations, newest first'), ...errorResponses },
    }),
    async (c) => c.json(await conversations.list(c.get('call'), c.req.valid('query')), 200),
  )

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/',
      middleware: requires('chat'),
      request: { body: body(CreateConversation) },
      responses: { 201: json(Conversation, 'The new conversation'), ...errorResponses },
    }),
    async (c) => c.json(await conversations.create(c.get('call'), c.req.valid('json')), 201),
  )

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/{id}',
      middleware: requires('read'),
      request: { params },
      responses: {
        200: json(ConversationDetail, 'The conversation with its messages, oldest first'),
        ...errorResponses,
      },
    }),
    async (c) => c.json(await conversations.find(c.get('call'), c.req.valid('param').id), 200),
  )

  routes.openapi(
    createRoute({
      method: 'patch',
      path: '/{id}',
      middleware: requires('chat'),
      request: { params, body: body(UpdateConversation) },
      responses: { 200: json(Conversation, 'The renamed conversation'), ...errorResponses },
    }),
    async (c) => c.json(await conversations.rename(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
  )

  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/{id}',
      middleware: requires('chat'),
      request: { params },
      responses: { 204: { description: 'Deleted, with its messages and runs' }, ...errorResponses },
    }),
    async (c) => {
      await conversations.delete(c.get('call'), c.req.valid('param').id)
      return c.body(null, 204)
    },
  )

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/{id}/messages',
      middleware: requires('chat'),
      description:
        'Sends a message. With `Accept: text/event-stream` the answer streams; otherwise read the run’s events.',
      request: { params, headers: IdempotencyHeader, body: body(SendMessage) },
      responses: { 202: json(SentMessage, 'The run that answers, also as a stream of its events'), ...errorResponses },
    }),
    async (c) => {
      const call = c.get('call')
      const run = await runs.send(
        call,
        c.req.valid('param').id,
        c.req.valid('json'),
        c.req.valid('header')['idempotency-key'],
      )
      c.header('location', `/api/v1/runs/${run.id}`)
      if (!c.req.header('accept')?.includes('text/event-stream')) return c.json({ run }, 202)
      // The stream is the same run, read from its log; the schema above describes the other answer.
      return sendEvents(c, await runs.events(call, run.id, 0), metrics) as never
    },
  )

  return routes
}
