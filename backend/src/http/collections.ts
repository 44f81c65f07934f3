import { createRoute, z } from '@hono/zod-openapi'
import { Collection, CollectionList, CreateCollection } from '@nitroagi/shared/collections'
import type { Collections } from '../services/collections.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })

/** Mounted at /api/v1/collections. */
export const collectionRoutes = (collections: Collections) =>
  createRoutes()
    .openapi(
      createRoute({
        method: 'get',
        path: '/',
        middleware: [requires('read')] as const,
        responses: { 200: json(CollectionList, 'Every collection of the workspace, by name'), ...errorResponses },
      }),
      async (c) => c.json({ items: await collections.list(c.get('call')) }, 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/',
        middleware: [requires('knowledge')] as const,
        request: { body: { ...json(CreateCollection, 'Its name'), required: true } },
        responses: { 201: json(Collection, 'The new collection'), ...errorResponses },
      }),
      async (c) => c.json(await collections.create(c.get('call'), c.req.valid('json')), 201),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/{id}',
        middleware: [requires('read')] as const,
        request: { params },
        responses: { 200: json(Collection, 'The collection'), ...errorResponses },
      }),
      async (c) => c.json(await collections.find(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/{id}',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 204: { description: 'Gone, with all its documents' }, ...errorResponses },
      }),
      async (c) => {
        await collections.delete(c.get('call'), c.req.valid('param').id)
        return c.body(null, 204)
      },
    )
