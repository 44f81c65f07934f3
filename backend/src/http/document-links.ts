import { createRoute, z } from '@hono/zod-openapi'
import { DocumentLink } from '@nitroagi/shared/document-links'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import type { DocumentLinks } from '../services/document-links.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const create = createRoute({
  method: 'post',
  path: '/documents/{id}/links',
  summary: 'Get an address that downloads the original straight from the object store',
  middleware: requires('read'),
  request: { params: z.object({ id: z.uuid() }) },
  responses: {
    201: json(DocumentLink, 'Whoever has it can download the original for five minutes'),
    409: json(ErrorEnvelope, 'Files are kept in a folder; get the content instead'),
    ...errorResponses,
  },
})

/** Mounted at /api/v1. */
export const documentLinkRoutes = (links: DocumentLinks) =>
  createRoutes().openapi(create, async (c) => c.json(await links.create(c.get('call'), c.req.valid('param').id), 201))
