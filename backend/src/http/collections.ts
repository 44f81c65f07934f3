import { createRoute, z } from '@hono/zod-openapi'
import {
  ChangeCollection,
  ChangeCollectionMember,
  ChunkPreview,
  ChunkPreviewRequest,
  Collection,
  CollectionList,
  CollectionMemberList,
  CreateCollection,
  EmbeddingModelList,
  SetCollectionMember,
} from '@nitroagi/shared/collections'
import type { PreviewChunks } from '../services/chunk-preview.ts'
import type { CollectionMembers } from '../services/collection-members.ts'
import type { Collections } from '../services/collections.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })
const memberParams = params.extend({ userId: z.uuid() })

interface Verbs {
  collections: Collections
  members: CollectionMembers
  preview: PreviewChunks
}

/** Mounted at /api/v1/collections. */
export const collectionRoutes = ({ collections, members, preview }: Verbs) =>
  createRoutes()
    .openapi(
      createRoute({
        method: 'get',
        path: '/',
        middleware: [requires('read')] as const,
        responses: {
          200: json(CollectionList, 'Every collection that the caller may read, by name'),
          ...errorResponses,
        },
      }),
      async (c) => c.json({ items: await collections.list(c.get('call')) }, 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/',
        middleware: [requires('knowledge')] as const,
        request: { body: { ...json(CreateCollection, 'Its name, and what shall not be as usual'), required: true } },
        responses: { 201: json(Collection, 'The new collection'), ...errorResponses },
      }),
      async (c) => c.json(await collections.create(c.get('call'), c.req.valid('json')), 201),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/embedding-models',
        middleware: [requires('read')] as const,
        responses: {
          200: json(EmbeddingModelList, 'Those that are set up here, the usual one first'),
          ...errorResponses,
        },
      }),
      (c) => c.json({ items: collections.embeddingModels() }, 200),
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
        method: 'patch',
        path: '/{id}',
        middleware: [requires('knowledge')] as const,
        request: { params, body: { ...json(ChangeCollection, 'What shall change'), required: true } },
        responses: {
          200: json(Collection, 'As it is now; another model or profile re-indexes it in the background'),
          ...errorResponses,
        },
      }),
      async (c) => c.json(await collections.change(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/{id}/cancel-reindexing',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: {
          200: json(Collection, 'With the model and profile of before; what was made anew already is made back'),
          ...errorResponses,
        },
      }),
      async (c) => c.json(await collections.cancelReindexing(c.get('call'), c.req.valid('param').id), 200),
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
    .openapi(
      createRoute({
        method: 'post',
        path: '/{id}/chunk-preview',
        middleware: [requires('read')] as const,
        request: { params, body: { ...json(ChunkPreviewRequest, 'A profile, and what to try it on'), required: true } },
        responses: { 200: json(ChunkPreview, 'The first pages as they would be cut'), ...errorResponses },
      }),
      async (c) => c.json(await preview(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/{id}/members',
        middleware: [requires('read')] as const,
        request: { params },
        responses: {
          200: json(CollectionMemberList, 'Those who were let in by name, owners first'),
          ...errorResponses,
        },
      }),
      async (c) => c.json({ items: await members.list(c.get('call'), c.req.valid('param').id) }, 200),
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/{id}/members',
        middleware: [requires('knowledge')] as const,
        request: { params, body: { ...json(SetCollectionMember, 'Who, and as what'), required: true } },
        responses: { 200: json(CollectionMemberList, 'All of them, as it is now'), ...errorResponses },
      }),
      async (c) => {
        const items = await members.set(c.get('call'), c.req.valid('param').id, c.req.valid('json'))
        return c.json({ items }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/{id}/members/{userId}',
        middleware: [requires('knowledge')] as const,
        request: { params: memberParams, body: { ...json(ChangeCollectionMember, 'As what'), required: true } },
        responses: { 200: json(CollectionMemberList, 'All of them, as it is now'), ...errorResponses },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        return c.json({ items: await members.set(c.get('call'), id, { userId, ...c.req.valid('json') }) }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/{id}/members/{userId}',
        middleware: [requires('knowledge')] as const,
        request: { params: memberParams },
        responses: { 204: { description: 'They are no member any more' }, ...errorResponses },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        await members.remove(c.get('call'), id, userId)
        return c.body(null, 204)
      },
    )
