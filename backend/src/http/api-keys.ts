import { createRoute, z } from '@hono/zod-openapi'
import { ApiKey, CreateApiKey, CreatedApiKey } from '@nitroagi/shared/identity'
import type { ApiKeys } from '../services/api-keys.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const ApiKeyList = z.object({ items: z.array(ApiKey) })

const list = createRoute({
  method: 'get',
  path: '/api-keys',
  summary: 'Your API keys',
  tags: ['Accounts'],
  responses: { 200: json(ApiKeyList, 'Newest first, without the keys themselves'), ...errorResponses },
})

const create = createRoute({
  method: 'post',
  path: '/api-keys',
  summary: 'Make an API key',
  tags: ['Accounts'],
  request: { body: { ...json(CreateApiKey, 'What it is for'), required: true } },
  responses: { 201: json(CreatedApiKey, 'The key, shown this once'), ...errorResponses },
})

const revoke = createRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  summary: 'Revoke an API key',
  tags: ['Accounts'],
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 204: { description: 'It stops working within 5 seconds' }, ...errorResponses },
})

export const apiKeyRoutes = (apiKeys: ApiKeys) =>
  createRoutes()
    .openapi(list, async (c) => c.json({ items: await apiKeys.list(c.get('call')) }, 200))
    .openapi(create, async (c) => c.json(await apiKeys.create(c.get('call'), c.req.valid('json')), 201))
    .openapi(revoke, async (c) => {
      await apiKeys.revoke(c.get('call'), c.req.valid('param').id)
      return c.body(null, 204)
    })
