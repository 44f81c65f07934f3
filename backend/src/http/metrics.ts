import { createRoute, z } from '@hono/zod-openapi'
import type { Metrics } from '../metrics.ts'
import { createRoutes, errorResponses, requires } from './routes.ts'

const read = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Measurements in the text format of Prometheus',
  tags: ['Operation'],
  middleware: requires('admin'),
  responses: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } }, ...errorResponses },
})

export const metricsRoutes = (metrics: Metrics) =>
  createRoutes().openapi(read, async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.contentType }))
