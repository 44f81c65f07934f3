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
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: 'NitroAGI', version, description: 'The AI assistant that a person or a small team owns.' },
        security: [{ bearer: [] }],
      }),
    )
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
}
