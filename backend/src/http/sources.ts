import { createRoute, z } from '@hono/zod-openapi'
import { UploadResult } from '@nitroagi/shared/knowledge'
import { PageQuery } from '@nitroagi/shared/paging'
import {
  AddText,
  ChangeSource,
  CreateSource,
  DeleteSourceQuery,
  Source,
  SourceList,
  SourcePageList,
} from '@nitroagi/shared/sources'
import type { Sources } from '../services/sources.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })

/** Mounted at /api/v1, because sources and pasted texts are added below their collection. */
export const sourceRoutes = (sources: Sources) =>
  createRoutes()
    .openapi(
      createRoute({
        method: 'get',
        path: '/collections/{id}/sources',
        middleware: [requires('read')] as const,
        request: { params },
        responses: { 200: json(SourceList, 'Newest first'), ...errorResponses },
      }),
      async (c) => c.json({ items: await sources.list(c.get('call'), c.req.valid('param').id) }, 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/collections/{id}/sources',
        middleware: [requires('knowledge')] as const,
        request: { params, body: { ...json(CreateSource, 'What to fetch'), required: true } },
        responses: { 201: json(Source, 'Taken in; it is fetched in the background'), ...errorResponses },
      }),
      async (c) => c.json(await sources.create(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 201),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/collections/{id}/texts',
        middleware: [requires('knowledge')] as const,
        request: { params, body: { ...json(AddText, 'A text and its title'), required: true } },
        responses: {
          200: json(UploadResult, 'The collection had this text already'),
          201: json(UploadResult, 'Taken in; it is read in the background'),
          ...errorResponses,
        },
      }),
      async (c) => {
        const result = await sources.addText(c.get('call'), c.req.valid('param').id, c.req.valid('json'))
        return c.json(result, result.created ? 201 : 200)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/sources/{id}',
        middleware: [requires('read')] as const,
        request: { params },
        responses: { 200: json(Source, 'The source'), ...errorResponses },
      }),
      async (c) => c.json(await sources.find(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/sources/{id}/pages',
        middleware: [requires('read')] as const,
        request: { params, query: PageQuery },
        responses: { 200: json(SourcePageList, 'Its pages or entries, and what became of each'), ...errorResponses },
      }),
      async (c) => c.json(await sources.pages(c.get('call'), c.req.valid('param').id, c.req.valid('query')), 200),
    )
    .openapi(
      createRoute({
        method: 'patch',
        path: '/sources/{id}',
        middleware: [requires('knowledge')] as const,
        request: { params, body: { ...json(ChangeSource, 'What is absent stays'), required: true } },
        responses: { 200: json(Source, 'The source as it is now'), ...errorResponses },
      }),
      async (c) => c.json(await sources.change(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/sources/{id}/fetch',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Source, 'It is fetched now, in the background'), ...errorResponses },
      }),
      async (c) => c.json(await sources.fetchNow(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/sources/{id}',
        middleware: [requires('knowledge')] as const,
        request: { params, query: DeleteSourceQuery },
        responses: { 204: { description: 'Gone; its documents stay, or go too' }, ...errorResponses },
      }),
      async (c) => {
        await sources.delete(c.get('call'), c.req.valid('param').id, c.req.valid('query'))
        return c.body(null, 204)
      },
    )
