import { createRoute, z } from '@hono/zod-openapi'
import { Feedback, GiveFeedback } from '@nitroagi/shared/feedback'
import type { FeedbackService } from '../services/feedback.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const common = {
  path: '/{id}/feedback',
  tags: ['Feedback'],
  middleware: requires('chat'),
}
const params = z.object({ id: z.uuid() })

const give = createRoute({
  ...common,
  method: 'put',
  summary: 'Say what you think of an answer',
  request: {
    params,
    body: { ...json(GiveFeedback, 'Thumbs up or down, why, and what would have been right'), required: true },
  },
  responses: { 200: json(Feedback, 'As it is kept'), ...errorResponses },
})

const takeBack = createRoute({
  ...common,
  method: 'delete',
  summary: 'Take it back',
  request: { params },
  responses: { 204: { description: 'Taken back' }, ...errorResponses },
})

/** Mounted at /api/v1/messages. */
export const feedbackRoutes = (feedback: FeedbackService) =>
  createRoutes()
    .openapi(give, async (c) =>
      c.json(await feedback.give(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(takeBack, async (c) => {
      await feedback.takeBack(c.get('call'), c.req.valid('param').id)
      return c.body(null, 204)
    })
