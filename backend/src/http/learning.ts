import { createRoute } from '@hono/zod-openapi'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { Learning, SetLearning } from '@nitroagi/shared/learning'
import type { LearningService } from '../services/learning.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const common = { tags: ['Operation'], middleware: requires('admin') }
const responses = {
  200: json(Learning, 'What is in effect, the newest report and the versions that are kept'),
  403: json(ErrorEnvelope, 'Needs the "admin" right'),
  ...errorResponses,
}

const read = createRoute({
  ...common,
  method: 'get',
  path: '/',
  summary: 'What was learned from thumbs up and down',
  responses,
})

const set = createRoute({
  ...common,
  method: 'put',
  path: '/',
  summary: 'Switch learning on or off',
  request: { body: { ...json(SetLearning, 'Off: the starting weights and the rules decide'), required: true } },
  responses,
})

const run = createRoute({
  ...common,
  method: 'post',
  path: '/run',
  summary: 'Learn now, instead of tonight',
  responses,
})

/** Mounted at /api/v1/learning. */
export const learningRoutes = (learning: LearningService) =>
  createRoutes()
    .openapi(read, async (c) => c.json(await learning.read(c.get('call')), 200))
    .openapi(set, async (c) => c.json(await learning.set(c.get('call'), c.req.valid('json')), 200))
    .openapi(run, async (c) => c.json(await learning.run(c.get('call')), 200))
