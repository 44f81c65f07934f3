import { endWhenRefused } from './renewal.ts'
import { createRoute, z } from '@hono/zod-openapi'
import { NitroError } from '@nitroagi/shared/errors'
import {
  ChangeDocument,
  Document,
  DocumentPage,
  DocumentQuery,
  EditPage,
  PageSummaryPage,
  PageText,
  PassagePage,
  UploadQuery,
  UploadResult,
} from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import { PageQuery } from '@nitroagi/shared/paging'
import { streamSSE } from 'hono/streaming'
import type { Documents } from '../services/documents.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const params = z.object({ id: z.uuid() })
const pageNumber = z.coerce.number().int().positive().max(1_000_000)
const pageParams = params.extend({ page: pageNumber })
const Changed = z.object({ documents: z.number().int() })
const heartbeatMs = 15_000

/** Mounted at /api/v1, because uploads stand below their collection. */
export const documentRoutes = (documents: Documents) =>
  createRoutes()
    .openapi(
      createRoute({
        method: 'post',
        path: '/collections/{id}/documents',
        middleware: [requires('knowledge')] as const,
        request: {
          params,
          query: UploadQuery,
          body: { description: 'The bytes of the file', content: { 'application/octet-stream': { schema: z.any() } } },
        },
        responses: {
          200: json(UploadResult, 'The collection had these bytes already'),
          201: json(UploadResult, 'Taken in; it is read in the background'),
          ...errorResponses,
        },
      }),
      async (c) => {
        const declared = Number(c.req.header('content-length') ?? 0)
        // What is declared can be refused unread; what is not, or is a lie, is counted as it comes.
        if (declared > limits.uploadBytes) {
          throw new NitroError('payload_too_large', `A file may have at most ${limits.uploadBytes / 1024 / 1024} MB`)
        }
        const encoding = c.req.header('content-encoding') ?? 'identity'
        if (encoding !== 'identity') {
          throw new NitroError('unsupported_media_type', 'Send the file as it is, without a Content-Encoding')
        }
        const body = c.req.raw.body ?? new Response('').body!
        const result = await documents.upload(c.get('call'), c.req.valid('param').id, c.req.valid('query'), body)
        return c.json(result, result.created ? 201 : 200)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/collections/{id}/documents',
        middleware: [requires('read')] as const,
        request: { params, query: DocumentQuery },
        responses: { 200: json(DocumentPage, 'Newest first'), ...errorResponses },
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), collectionId: c.req.valid('param').id }
        return c.json(await documents.list(c.get('call'), query), 200)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents',
        middleware: [requires('read')] as const,
        request: { query: DocumentQuery.extend({ collectionId: z.uuid().optional() }) },
        responses: { 200: json(DocumentPage, 'Newest first'), ...errorResponses },
      }),
      async (c) => c.json(await documents.list(c.get('call'), c.req.valid('query')), 200),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/events',
        middleware: [requires('read')] as const,
        responses: {
          200: {
            description: 'A DocumentEvent whenever a document changes',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...errorResponses,
        },
      }),
      (c) => {
        c.header('Cache-Control', 'no-store, no-transform')
        c.header('X-Accel-Buffering', 'no')
        const call = c.get('call')
        const gone = new AbortController()
        return streamSSE(c, async (stream) => {
          stream.onAbort(() => gone.abort())
          await stream.write(': watching\n\n')
          const stop = endWhenRefused(c, () => gone.abort())
          const beat = setInterval(() => void stream.write(': still here\n\n'), heartbeatMs)
          try {
            const watched = { ...call, signal: AbortSignal.any([call.signal, gone.signal]) }
            for await (const event of documents.watch(watched)) await stream.writeSSE({ data: JSON.stringify(event) })
          } catch (error) {
            // Said here, because streamSSE would write the raw message; the client connects again.
            call.log.warn('document-events-ended', { error })
          } finally {
            stop()
            clearInterval(beat)
          }
        })
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}',
        middleware: [requires('read')] as const,
        request: { params },
        responses: { 200: json(Document, 'The document'), ...errorResponses },
      }),
      async (c) => c.json(await documents.find(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}/pages/{page}',
        middleware: [requires('read')] as const,
        request: { params: pageParams },
        responses: { 200: json(PageText, 'The text that citations point into'), ...errorResponses },
      }),
      async (c) => {
        const { id, page } = c.req.valid('param')
        return c.json(await documents.page(c.get('call'), id, page), 200)
      },
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/documents/{id}/pages/{page}',
        middleware: [requires('knowledge')] as const,
        request: { params: pageParams, body: { ...json(EditPage, 'What shall change'), required: true } },
        responses: {
          202: json(Document, 'The document, of which a version with this text is being made'),
          ...errorResponses,
        },
      }),
      async (c) => {
        const { id, page } = c.req.valid('param')
        return c.json(await documents.editPage(c.get('call'), id, page, c.req.valid('json').text), 202)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}/pages',
        middleware: [requires('read')] as const,
        request: { params, query: PageQuery },
        responses: { 200: json(PageSummaryPage, 'Its pages in order, without their text'), ...errorResponses },
      }),
      async (c) => c.json(await documents.pages(c.get('call'), c.req.valid('param').id, c.req.valid('query')), 200),
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/documents/{id}/passages',
        middleware: [requires('read')] as const,
        request: { params, query: PageQuery.extend({ page: pageNumber.optional() }) },
        responses: { 200: json(PassagePage, 'Its passages in order, of one page or of all'), ...errorResponses },
      }),
      async (c) => c.json(await documents.passages(c.get('call'), c.req.valid('param').id, c.req.valid('query')), 200),
    )
    .openapi(
      createRoute({
        method: 'patch',
        path: '/documents/{id}',
        middleware: [requires('knowledge')] as const,
        request: { params, body: { ...json(ChangeDocument, 'What shall change'), required: true } },
        responses: { 200: json(Document, 'The document as it is called now'), ...errorResponses },
      }),
      async (c) => c.json(await documents.change(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/documents/{id}/retry',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Document, 'The document, to be tried once more'), ...errorResponses },
      }),
      async (c) => c.json(await documents.retry(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/documents/{id}/reread',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Document, 'The document, to be read from its bytes once more'), ...errorResponses },
      }),
      async (c) => c.json(await documents.reread(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/documents/{id}/pause',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Document, 'The document, which is left alone from now on'), ...errorResponses },
      }),
      async (c) => c.json(await documents.pause(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/documents/{id}/resume',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Document, 'The document, which is worked on again'), ...errorResponses },
      }),
      async (c) => c.json(await documents.resume(c.get('call'), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/collections/{id}/documents/pause',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Changed, 'How many documents are left alone from now on'), ...errorResponses },
      }),
      async (c) => c.json({ documents: await documents.pauseAll(c.get('call'), c.req.valid('param').id) }, 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/collections/{id}/documents/resume',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 200: json(Changed, 'How many documents are worked on again'), ...errorResponses },
      }),
      async (c) => c.json({ documents: await documents.resumeAll(c.get('call'), c.req.valid('param').id) }, 200),
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/documents/{id}',
        middleware: [requires('knowledge')] as const,
        request: { params },
        responses: { 204: { description: 'Gone, with its passages and bytes' }, ...errorResponses },
      }),
      async (c) => {
        await documents.delete(c.get('call'), c.req.valid('param').id)
        return c.body(null, 204)
      },
    )
