import { createRoute } from '@hono/zod-openapi'
import {
  AuditExportLine,
  AuditPage,
  AuditQuery,
  AuditVerification,
  AuditVerificationQuery,
} from '@nitroagi/shared/audit'
import type { Audit } from '../services/audit.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const common = { tags: ['Audit log'], middleware: requires('admin') }

const list = createRoute({
  ...common,
  method: 'get',
  path: '/',
  summary: 'Who changed what in the workspace',
  request: { query: AuditQuery },
  responses: { 200: json(AuditPage, 'Newest first'), ...errorResponses },
})

const exported = createRoute({
  ...common,
  method: 'get',
  path: '/export',
  summary: 'The whole log, to be kept and checked elsewhere',
  responses: {
    200: {
      description: 'An entry a line, oldest first',
      content: { 'application/x-ndjson': { schema: AuditExportLine } },
    },
    ...errorResponses,
  },
})

const verification = createRoute({
  ...common,
  method: 'get',
  path: '/verification',
  summary: 'Whether an entry was changed, taken out or put elsewhere',
  request: { query: AuditVerificationQuery },
  responses: { 200: json(AuditVerification, 'What following the chain showed'), ...errorResponses },
})

/** Mounted at /api/v1/audit. */
export const auditRoutes = (audit: Audit) =>
  createRoutes()
    .openapi(list, async (c) => c.json(await audit.list(c.get('call'), c.req.valid('query')), 200))
    .openapi(exported, (c) => {
      const lines = audit.export(c.get('call'))
      return c.body(streamOf(lines), 200, {
        'content-type': 'application/x-ndjson',
        'content-disposition': 'attachment; filename="audit-log.jsonl"',
        'cache-control': 'private, no-store, no-transform',
      }) as never
    })
    .openapi(verification, async (c) => c.json(await audit.verify(c.get('call'), c.req.valid('query')), 200))

/** A slow reader holds one batch and no more. */
function streamOf(batches: AsyncIterable<AuditExportLine[]>): ReadableStream<Uint8Array> {
  const reader = batches[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.next()
      if (done) return controller.close()
      controller.enqueue(encoder.encode(value.map((line) => `${JSON.stringify(line)}\n`).join('')))
    },
    async cancel() {
      await reader.return?.()
    },
  })
}
