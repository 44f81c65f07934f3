import { createRoute, z } from '@hono/zod-openapi'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { ChangeModule, ModuleName, ModuleState, ModuleStateList, ModuleTestResult } from '@nitroagi/shared/modules'
import type { Modules } from '../services/modules.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ name: ModuleName })
const tags = ['Modules']
const forbidden = { 403: json(ErrorEnvelope, 'Needs the "admin" right') }

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'The modules, and which of them are on',
  tags,
  middleware: requires('chat'),
  responses: { 200: json(ModuleStateList, 'All that there are'), ...errorResponses },
})

const change = createRoute({
  method: 'patch',
  path: '/{name}',
  summary: 'Turn a module on or off for this workspace',
  tags,
  middleware: requires('admin'),
  request: { params, body: { ...json(ChangeModule, 'On or off'), required: true } },
  responses: {
    200: json(ModuleState, 'As it is now; answers that are being written go on as they began'),
    409: json(ErrorEnvelope, 'Without it nobody could answer'),
    ...forbidden,
    ...errorResponses,
  },
})

const test = createRoute({
  method: 'post',
  path: '/{name}/test',
  summary: 'Try a module on a small real task',
  tags,
  middleware: requires('admin'),
  request: { params },
  responses: { 200: json(ModuleTestResult, 'What came of it'), ...forbidden, ...errorResponses },
})

/** Mounted at /api/v1/modules. */
export const moduleRoutes = (modules: Modules) =>
  createRoutes()
    .openapi(list, async (c) => c.json({ items: await modules.list(c.get('call')) }, 200))
    .openapi(change, async (c) => {
      const { isEnabled } = c.req.valid('json')
      return c.json(await modules.change(c.get('call'), c.req.valid('param').name, isEnabled), 200)
    })
    .openapi(test, async (c) => c.json(await modules.test(c.get('call'), c.req.valid('param').name), 200))
