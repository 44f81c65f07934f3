import { Readable } from 'node:stream'
import { createRoute, z } from '@hono/zod-openapi'
import { Attachment, AttachmentQuery, attachmentTypes } from '@nitroagi/shared/attachments'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { Attachments } from '../services/attachments.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })

export const attachmentRoutes = (attachments: Attachments) =>
  createRoutes()
    .openapi(
      createRoute({
        method: 'post',
        path: '/',
        summary: 'Upload a picture or recording, to be sent with a message within a day',
        middleware: [requires('chat')] as const,
        request: {
          query: AttachmentQuery,
          body: { description: 'The bytes of the file', content: { 'application/octet-stream': { schema: z.any() } } },
        },
        responses: { 201: json(Attachment, 'Ready to be sent'), ...errorResponses },
      }),
      async (c) => {
        // What is declared can be refused unread; what is not, or is a lie, is counted as it comes.
        if (Number(c.req.header('content-length') ?? 0) > limits.attachmentBytes) {
          throw new NitroError(
            'payload_too_large',
            `An attachment may have at most ${limits.attachmentBytes / 1024 / 1024} MB`,
          )
        }
        const body = c.req.raw.body ?? new Response('').body!
        return c.json(await attachments.upload(c.get('call'), c.req.valid('query'), body), 201)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/{id}',
        summary: 'Get the bytes of an attachment of one’s own',
        middleware: [requires('read')] as const,
        request: { params },
        responses: {
          200: {
            description: 'The bytes, as they came',
            content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
          },
          ...errorResponses,
        },
      }),
      async (c) => {
        const { attachment, body } = await attachments.open(c.get('call'), c.req.valid('param').id)
        const { mediaType, name, sizeBytes } = attachment
        // Pictures made of pixels are shown; everything else is only ever saved.
        const disposition = (attachmentTypes.image as readonly string[]).includes(mediaType) ? 'inline' : 'attachment'
        return c.body(Readable.toWeb(body) as ReadableStream<Uint8Array>, 200, {
          'content-type': mediaType,
          'content-length': String(sizeBytes),
          'content-disposition': `${disposition}; filename*=UTF-8''${encodeName(name)}`,
          'cache-control': 'private, max-age=3600',
        }) as never
      },
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/{id}',
        summary: 'Take back an attachment that was not sent',
        middleware: [requires('chat')] as const,
        request: { params },
        responses: { 204: { description: 'Gone, with its bytes' }, ...errorResponses },
      }),
      async (c) => {
        await attachments.delete(c.get('call'), c.req.valid('param').id)
        return c.body(null, 204)
      },
    )

/** A header's own form of a name; it leaves out characters that encodeURIComponent leaves in. */
const encodeName = (name: string) =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
