import { Readable } from 'node:stream'
import { createRoute, z } from '@hono/zod-openapi'
import { MarksQuery, PageMarks, PictureQuery } from '@nitroagi/shared/knowledge'
import type { DocumentPictures } from '../services/document-pictures.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })
const pageParams = params.extend({ page: z.coerce.number().int().positive().max(1_000_000) })
const binary = z.string().meta({ format: 'binary' })

/** What others wrote is data, whatever it says that it is. */
const asData = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
}

export const documentPictureRoutes = (pictures: DocumentPictures) =>
  createRoutes()
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}/content',
        summary: 'Get the original of a document',
        middleware: [requires('read')] as const,
        request: { params },
        responses: {
          200: { description: 'The bytes, as they came', content: { 'application/octet-stream': { schema: binary } } },
          ...errorResponses,
        },
      }),
      async (c) => {
        const { document, body } = await pictures.content(c.get('call'), c.req.valid('param').id)
        return c.body(Readable.toWeb(body) as ReadableStream<Uint8Array>, 200, {
          ...asData,
          'content-type': 'application/octet-stream',
          'content-length': String(document.sizeBytes),
          'content-disposition': `attachment; filename*=UTF-8''${encodeName(document.name)}`,
          'cache-control': 'private, no-cache',
        }) as never
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}/pages/{page}/picture',
        summary: 'Get a picture of a page of a PDF, or of a picture',
        middleware: [requires('read')] as const,
        request: { params: pageParams, query: PictureQuery },
        responses: {
          200: { description: 'A PNG', content: { 'image/png': { schema: binary } } },
          ...errorResponses,
        },
      }),
      async (c) => {
        const { id, page } = c.req.valid('param')
        const png = await pictures.picture(c.get('call'), id, page, c.req.valid('query').width)
        return c.body(new Uint8Array(png), 200, {
          ...asData,
          'content-type': 'image/png',
          'cache-control': 'private, max-age=300',
        }) as never
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}/pages/{page}/marks',
        summary: 'Find where characters of a page’s text stand on its picture',
        middleware: [requires('read')] as const,
        request: { params: pageParams, query: MarksQuery },
        responses: { 200: json(PageMarks, 'The places; null when nobody can tell them'), ...errorResponses },
      }),
      async (c) => {
        const { id, page } = c.req.valid('param')
        return c.json(await pictures.marks(c.get('call'), id, page, c.req.valid('query')), 200)
      },
    )

/** A header's own form of a name; it leaves out characters that encodeURIComponent leaves in. */
const encodeName = (name: string) =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
