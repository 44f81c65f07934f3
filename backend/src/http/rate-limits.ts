import { isIP } from 'node:net'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Admission, RateLimits } from '../services/rate-limits.ts'
import { requestPath } from './request-path.ts'
import type { Env } from './routes.ts'

/** Whoever watches the machine must see it when everybody asks too much, too. */
const unlimitedPaths = new Set(['/health', '/health/live', '/health/ready', '/metrics'])

/** Counts a request for whoever sends it until the last byte of its answer is out, and says what is left. */
export const limitRequests = (rateLimits: RateLimits) =>
  createMiddleware<Env>(async (c, next) => {
    const call = c.get('call')
    if (!call || unlimitedPaths.has(requestPath(c.req.raw.url))) return next()
    const admission = await rateLimits.admit(call.actor)
    if (!admission) return next()
    const told = headersOf(admission)
    // Set before, for answers that write their own head, and for the refusal.
    for (const [name, value] of told) c.header(name, value)
    if (admission.refusal) throw admission.refusal
    const outgoing = c.env?.outgoing
    // Whatever ends it: the last byte, a reader that left, a line that broke. In tests there may be no socket.
    outgoing?.once('close', admission.release)
    try {
      await next()
    } finally {
      if (!outgoing || outgoing.closed) admission.release()
    }
    for (const [name, value] of told) c.res.headers.set(name, value)
  })

const headersOf = ({ limit, remaining, resetAtMs }: Admission): [name: string, value: string][] => [
  ['x-ratelimit-limit', String(limit)],
  ['x-ratelimit-remaining', String(remaining)],
  // Seconds since 1970, as most APIs say it; Retry-After is in seconds from now.
  ['x-ratelimit-reset', String(Math.ceil(resetAtMs / 1000))],
]

/**
 * Where a request comes from: the other end of its socket, unless so many proxies of ours stand in front of it. Each of
 * them adds the address that it saw at the end of X-Forwarded-For; what stands before those, anybody may have written.
 */
export function clientAddress(c: Context<Env>, trustedProxies: number): string | undefined {
  const socket = c.env?.incoming?.socket?.remoteAddress
  return addressBehind(trustedProxies, socket, c.req.raw.headers.get('x-forwarded-for') ?? undefined)
}

export function addressBehind(
  trustedProxies: number,
  socket: string | undefined,
  forwardedFor: string | undefined,
): string | undefined {
  if (trustedProxies === 0) return socket
  const said = forwardedFor?.split(',').at(-trustedProxies)?.trim()
  return said !== undefined && isIP(said) !== 0 ? said : socket
}
