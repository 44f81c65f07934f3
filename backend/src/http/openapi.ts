import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from './routes.ts'

/** Describes every route that is mounted when it is first asked for; each was written down with its schemas. */
export function serveOpenApi(app: OpenAPIHono<Env>, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key (nk_live_…)',
  })
  let document: string | undefined
  app.get('/api/v1/openapi.json', (c) => {
    document ??= JSON.stringify(
      withOperationIds(
        app.getOpenAPI31Document({
          openapi: '3.1.0',
          info: { title: 'NitroAGI', version, description: 'The AI assistant that a person or a small team owns.' },
          security: [{ bearer: [] }],
        }),
      ),
    )
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
}

type Document = ReturnType<OpenAPIHono<Env>['getOpenAPI31Document']>

/** Names for generated clients, from what is unique already: `POST /api/v1/runs/{id}/stop` is `postRunsIdStop`. */
function withOperationIds(document: Document): Document {
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = item[method]
      if (operation) operation.operationId ??= operationId(method, path)
    }
  }
  return document
}

const operationId = (method: string, path: string): string =>
  method +
  path
    .replace(/^\/api\/v1\//, '')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
