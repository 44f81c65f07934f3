import { createRoute } from '@hono/zod-openapi'
import { SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import type { Search } from '../services/search.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

/** Mounted at /api/v1/search. */
export const searchRoutes = (search: Search) =>
  createRoutes().openapi(
    createRoute({
      method: 'post',
      path: '/',
      middleware: [requires('read')] as const,
      request: { body: { ...json(SearchRequest, 'A question or words, and where to look'), required: true } },
      responses: { 200: json(SearchResult, 'Passages, best first'), ...errorResponses },
    }),
    async (c) => c.json(await search.search(c.get('call'), c.req.valid('json')), 200),
  )
