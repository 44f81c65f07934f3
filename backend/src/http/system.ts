import { createRoute } from '@hono/zod-openapi'
import { SystemInfo } from '@nitroagi/shared/modules'
import type { Call } from '../call.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

export type ReadSystem = (call: Call) => Promise<SystemInfo> | SystemInfo

const read = createRoute({
  method: 'get',
  path: '/system',
  summary: 'The models and modules of this server',
  tags: ['Operation'],
  middleware: requires('read'),
  responses: { 200: json(SystemInfo, 'What it can do now'), ...errorResponses },
})

export const systemRoutes = (readSystem: ReadSystem) =>
  createRoutes().openapi(read, async (c) => c.json(await readSystem(c.get('call')), 200))
