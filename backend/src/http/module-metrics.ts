import { createRoute } from '@hono/zod-openapi'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { ModuleMetrics, ModuleMetricsQuery } from '@nitroagi/shared/module-metrics'
import type { ModuleMetricsService } from '../services/module-metrics.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const read = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'What the modules took and gave',
  tags: ['Operation'],
  middleware: requires('admin'),
  request: { query: ModuleMetricsQuery },
  responses: {
    200: json(ModuleMetrics, 'By module, model and strategy, and over time'),
    403: json(ErrorEnvelope, 'Needs the "admin" right'),
    ...errorResponses,
  },
})

/** Mounted at /api/v1/modules. */
export const moduleMetricsRoutes = (metrics: ModuleMetricsService) =>
  createRoutes().openapi(read, async (c) => c.json(await metrics.read(c.get('call'), c.req.valid('query')), 200))
