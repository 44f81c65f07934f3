import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import type { Authenticate } from '../identity/authenticate.ts'
import type { Log } from '../log.ts'
import { secondFactorMissing } from '../services/accounts.ts'
import type { RefusedCredentials } from '../services/refused-credentials.ts'
import { clientAddress } from './rate-limits.ts'
import { requestPath } from './request-path.ts'
import type { Env } from './routes.ts'

export interface AuthOptions {
  authenticate: Authenticate
  log: Log
  refusedCredentials: RefusedCredentials
  /** How many proxies of ours stand in front. */
  trustedProxies: number
  /** Paths whose routes check for themselves, such as the WebSocket's, which takes a ticket. */
  selfAuthenticated: readonly string[]
}

/** What is a person's own and no workspace's, which is also where a second factor is set up. */
const ownAccountPath =
  /^\/api\/v1\/(me(\/(password|email|verification|delete|proof|second-factor|identities)(\/.+)?)?|sessions(\/.+)?|workspaces)$/

/** All that may be asked without a credential. Compared with the path as it was sent, so no spelling reaches more. */
const publicPaths = new Set(['/health/live', '/health/ready'])

/**
 * In front of every route, whatever its path: builds the `Call`, or answers 401 before a byte of the body is read.
 */
export function requireCredential(options: AuthOptions) {
  const { authenticate, log, refusedCredentials, trustedProxies, selfAuthenticated } = options
  const open = new Set([...publicPaths, ...selfAuthenticated])
  return createMiddleware<Env>(async (c, next) => {
    const path = requestPath(c.req.raw.url)
    const isReading = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (open.has(path) && isReading) return next()

    const header = (name: string) => c.req.raw.headers.get(name) ?? undefined
    const asked = { method: c.req.method, path, header }
    const credential = header('authorization')?.replace(/^Bearer +/i, '')
    // Nothing was refused to whoever shows nothing.
    const identified =
      credential === undefined
        ? await authenticate(asked)
        : await refusedCredentials.watch({ address: clientAddress(c, trustedProxies), credential }, (onSigned) =>
            authenticate({ ...asked, onSigned }),
          )
    const { actor, renew, fromWebApp } = identified
    if (actor.needsSecondFactor && !ownAccountPath.test(path)) throw secondFactorMissing()
    const given = fromWebApp ? header('x-request-id') : undefined
    if (given !== undefined && z.uuid().safeParse(given).success) c.set('requestId', given)
    const requestId = c.get('requestId')
    c.set('renew', renew)
    c.set('clientAddress', identified.clientAddress)
    c.set('clientAgent', identified.clientAgent)
    c.set('bodyHash', identified.bodyHash)
    c.set('call', {
      actor,
      requestId,
      signal: c.req.raw.signal,
      log: log.with({ requestId, userId: actor.userId, workspaceId: actor.workspaceId }),
    })
    return next()
  })
}
