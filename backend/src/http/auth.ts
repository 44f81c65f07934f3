import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import type { Authenticate } from '../identity/authenticate.ts'
import type { Log } from '../log.ts'
import { requestPath } from './request-path.ts'
import type { Env } from './routes.ts'

export interface AuthOptions {
  authenticate: Authenticate
  log: Log
  /** Paths whose routes check for themselves, such as the WebSocket's, which takes a ticket. */
  selfAuthenticated: readonly string[]
}

/** All that may be asked without a credential. Compared with the path as it was sent, so no spelling reaches more. */
const publicPaths = new Set(['/health/live', '/health/ready'])

/**
 * In front of every route, whatever its path: builds the `Call`, or answers 401 before a byte of the body is read.
 */
export function requireCredential({ authenticate, log, selfAuthenticated }: AuthOptions) {
  const open = new Set([...publicPaths, ...selfAuthenticated])
  return createMiddleware<Env>(async (c, next) => {
    const path = requestPath(c.req.raw.url)
    const isReading = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (open.has(path) && isReading) return next()

    const header = (name: string) => c.req.raw.headers.get(name) ?? undefined
    const { actor, renew, fromWebApp, clientAddress, clientAgent } = await authenticate({
      method: c.req.method,
      path,
      header,
    })
    const given = fromWebApp ? header('x-request-id') : undefined
    if (given !== undefined && z.uuid().safeParse(given).success) c.set('requestId', given)
    const requestId = c.get('requestId')
    c.set('renew', renew)
    c.set('clientAddress', clientAddress)
    c.set('clientAgent', clientAgent)
    c.set('call', {
      actor,
      requestId,
      signal: c.req.raw.signal,
      log: log.with({ requestId, userId: actor.userId, workspaceId: actor.workspaceId }),
    })
    return next()
  })
}
