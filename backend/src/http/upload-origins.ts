import { createMiddleware } from 'hono/factory'
import { uploadPath } from '../identity/authenticate.ts'
import { requestPath } from './request-path.ts'
import type { Env } from './routes.ts'

/** Lets the web app's own pages upload past the proxy. No other address answers to a page of another origin. */
export function allowUploadsFrom(origins: readonly string[]) {
  const allowed = new Set(origins)
  return createMiddleware<Env>(async (c, next) => {
    const origin = c.req.raw.headers.get('origin')
    if (origin === null || !allowed.has(origin) || !uploadPath.test(requestPath(c.req.raw.url))) return next()
    if (c.req.method === 'OPTIONS' && c.req.raw.headers.get('access-control-request-method') === 'POST') {
      return c.body(null, 204, {
        ...answerHeaders(origin),
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key',
        'access-control-max-age': '600',
      })
    }
    await next()
    for (const [name, value] of Object.entries(answerHeaders(origin))) c.res.headers.set(name, value)
  })
}

// No credentials: a ticket is sent by the page's code, a cookie never counts.
const answerHeaders = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'x-request-id, retry-after',
  vary: 'origin',
})
