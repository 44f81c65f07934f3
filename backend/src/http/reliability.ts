import { createRoute } from '@hono/zod-openapi'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { Reliability } from '@nitroagi/shared/reliability'
import type { ReliabilityService } from '../services/reliability.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const read = createRoute({
  method: 'get',
  path: '/reliability',
  summary: 'Whether the confidence that answers state comes true, by how they were rated',
  tags: ['Operation'],
  middleware: requires('admin'),
  responses: {
    200: json(Reliability, 'Stated confidence against thumbs up, in ten bins; none without ratings'),
    403: json(ErrorEnvelope, 'Needs the "admin" right'),
    ...errorResponses,
  },
})

/** Mounted at /api/v1/modules. */
export const reliabilityRoutes = (reliability: ReliabilityService) =>
  createRoutes().openapi(read, async (c) => c.json(await reliability.curve(c.get('call')), 200))
