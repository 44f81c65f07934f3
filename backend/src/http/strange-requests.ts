import { isIP } from 'node:net'
import { NitroError } from '@nitroagi/shared/errors'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Env } from './routes.ts'

export interface OwnAddresses {
  /** Names of this backend besides those that only who is inside can call it by. */
  hosts: readonly string[]
  /** Whose pages may ask. */
  origins: readonly string[]
}

/** Names that stand for no machine on the internet, so that no page from there can have them for its own. */
const inside = /^(?:[a-z0-9_-]+|(?:.+\.)?(?:localhost|internal|local))$/
/** As Railway's health checks call us. */
const platform = 'healthcheck.railway.app'

/** In a query a credential is written into every log on its way. */
const credentialNames = /^(?:api[-_]?key|(?:access|auth|bearer|id)[-_]?token|token|ticket|authorization|jwt)$/i
const credentialForm = /^(?:n[kto]_[\w.-]{20,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)$/

/**
 * Refuses what no client of ours sends: another host's name, as a page has that lets its own name lead to us; the origin
 * of another site; a credential in the address. Stands behind the check of the credential, so that nobody learns more.
 */
export const refuseStrange = ({ hosts, origins }: OwnAddresses) => {
  const names = new Set([platform, ...hosts.map(nameOf)])
  const allowed = new Set(origins)
  return createMiddleware<Env>(async (c, next) => {
    checkHost(c, names)
    const origin = c.req.raw.headers.get('origin')
    // A browser's own extension, or a program with a window, comes from neither http nor nowhere.
    if (origin !== null && /^(?:https?:|null$)/i.test(origin) && !allowed.has(origin)) {
      throw new NitroError('forbidden', 'Pages of this origin may not ask here. CORS_ORIGINS says which may')
    }
    for (const [name, value] of new URL(c.req.raw.url).searchParams) {
      if (credentialNames.test(name) || credentialForm.test(value)) {
        throw new NitroError('bad_request', 'A credential does not belong into an address: it would be logged there')
      }
    }
    await next()
  })
}

function checkHost(c: Context<Env>, names: ReadonlySet<string>): void {
  // In tests there may be no line that it came over.
  const said = c.env?.incoming?.headersDistinct['host']
  if (said === undefined) return
  if (said.length > 1) throw new NitroError('bad_request', 'Send one Host')
  const via = c.get('call')?.actor.via
  // What the web app has signed comes from nowhere else, by whatever name it knows us.
  if (via === 'session' || via === 'service') return
  const name = nameOf(said[0]!)
  if (!names.has(name) && !inside.test(name) && isIP(name) === 0) {
    throw new NitroError('forbidden', 'This backend does not go by that name. NITRO_ALLOWED_HOSTS says which it has')
  }
}

/** Without a port, brackets and the dot at the end that a full name may have. */
const nameOf = (host: string) => (URL.parse(`http://${host}`)?.hostname ?? host).replace(/^\[|\]$|\.$/g, '')
