import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'

/** What a browser may ask for through the proxy. `:id` is a UUID, `:number` a page, `:name` a module. All else is a 404. */
const routes: readonly (readonly [methods: string, pattern: string])[] = [
  ['GET PATCH', 'me'],
  ['PUT', 'me/password'],
  ['PUT', 'me/email'],
  ['POST', 'me/verification'],
  ['POST', 'me/delete'],
  ['GET', 'me/spending'],
  ['GET POST', 'me/second-factor'],
  ['POST', 'me/second-factor/confirm'],
  ['POST', 'me/second-factor/disable'],
  ['POST', 'me/proof'],
  ['GET', 'me/identities'],
  ['DELETE', 'me/identities/:name'],
  ['GET', 'system'],
  ['GET POST', 'conversations'],
  ['GET PATCH DELETE', 'conversations/:id'],
  ['POST', 'conversations/:id/messages'],
  ['PUT DELETE', 'messages/:id/feedback'],
  ['GET', 'modules'],
  ['GET', 'modules/metrics'],
  ['GET', 'modules/reliability'],
  ['GET PUT', 'learning'],
  ['POST', 'learning/run'],
  ['PATCH', 'modules/:name'],
  ['POST', 'modules/:name/test'],
  ['GET', 'runs/:id'],
  ['GET', 'runs/:id/events'],
  ['POST', 'runs/:id/stop'],
  ['POST', 'runs/:id/continue'],
  ['GET POST', 'collections'],
  ['GET', 'collections/embedding-models'],
  ['PATCH DELETE', 'collections/:id'],
  ['POST', 'collections/:id/chunk-preview'],
  ['POST', 'collections/:id/cancel-reindexing'],
  ['GET PUT', 'collections/:id/members'],
  ['PUT DELETE', 'collections/:id/members/:id'],
  ['GET POST', 'collections/:id/golden-questions'],
  ['POST', 'collections/:id/golden-questions/import'],
  ['PUT DELETE', 'collections/:id/golden-questions/:id'],
  ['GET', 'collections/:id/evaluation'],
  ['POST', 'collections/:id/evaluation/runs'],
  ['GET', 'gaps'],
  ['GET', 'members'],
  ['GET', 'collections/:id/documents'],
  ['GET', 'documents'],
  ['GET', 'documents/events'],
  ['GET PATCH DELETE', 'documents/:id'],
  ['POST', 'documents/:id/retry'],
  ['POST', 'documents/:id/pause'],
  ['POST', 'documents/:id/resume'],
  ['POST', 'documents/:id/reread'],
  ['GET', 'documents/:id/passages'],
  ['GET', 'documents/:id/pages'],
  ['GET PUT', 'documents/:id/pages/:number'],
  ['GET', 'documents/:id/content'],
  ['GET', 'documents/:id/pages/:number/picture'],
  ['GET', 'documents/:id/pages/:number/marks'],
  ['GET POST', 'collections/:id/sources'],
  ['POST', 'collections/:id/texts'],
  ['GET PATCH DELETE', 'sources/:id'],
  ['POST', 'sources/:id/fetch'],
  ['GET', 'sources/:id/pages'],
  ['POST', 'search'],
  ['POST', 'tickets'],
  ['GET DELETE', 'attachments/:id'],
  ['POST', 'audio/speech'],
  ['GET DELETE', 'sessions'],
  ['DELETE', 'sessions/current'],
  ['DELETE', 'sessions/:id'],
  ['GET POST', 'api-keys'],
  ['DELETE', 'api-keys/:id'],
  ['GET POST', 'workspaces'],
  ['PATCH', 'workspace'],
  ['POST', 'workspace/delete'],
  ['GET', 'workspace/members'],
  ['PATCH DELETE', 'workspace/members/:id'],
  ['GET POST', 'workspace/invitations'],
  ['DELETE', 'workspace/invitations/:id'],
  ['GET PUT', 'workspace/spending'],
  ['PUT', 'workspace/spending/members/:id'],
  ['PUT', 'workspace/spending/keys/:id'],
  ['POST', 'invitations/accept'],
  ['GET PUT', 'installation'],
  ['GET', 'audit'],
  ['GET', 'audit/verification'],
  ['GET', 'audit/export'],
]

const segment = {
  ':id': '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  ':number': '[1-9][0-9]{0,5}',
  ':name': '[a-z][a-z0-9-]{0,39}',
}

const table = routes.map(([methods, pattern]) => ({
  methods: methods.split(' '),
  matches: new RegExp(`^${pattern.replace(/:id|:number|:name/g, (name) => segment[name as keyof typeof segment])}$`),
}))

const prefix = '/api/backend/'

/** The backend's path for what the browser asked, or a refusal. Takes the raw path: nothing is decoded. */
export function backendPath(method: string, pathname: string): string {
  const rest = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : ''
  const found = table.filter((route) => route.matches.test(rest))
  if (found.length === 0) throw new NitroError('not_found', 'There is nothing at this address')
  if (!found.some((route) => route.methods.includes(method))) {
    throw new NitroError('method_not_allowed', `This address does not take ${method}`)
  }
  return `/api/v1/${rest}`
}

/** The base stays what it was configured to be, whatever the path and the query say. */
export function targetUrl(base: string, path: string, search: string): URL {
  const target = new URL(base + path + search)
  if (
    target.origin !== new URL(base).origin ||
    !target.pathname.endsWith(path) ||
    target.href.length > limits.urlBytes
  ) {
    throw new NitroError('bad_request', 'This address cannot be forwarded')
  }
  return target
}

const isUnsafe = (method: string) => method !== 'GET' && method !== 'HEAD'

/** A page of another site can make a browser send our cookie; it cannot make it say that it came from here. */
export function checkSameOrigin(request: { method: string; headers: Headers }, siteUrl?: string): void {
  if (!isUnsafe(request.method)) return
  const site = request.headers.get('sec-fetch-site')
  if (site === null ? !originIsOurs(request.headers, siteUrl) : site !== 'same-origin') {
    throw new NitroError('forbidden', 'This request did not come from this site')
  }
}

function originIsOurs(headers: Headers, siteUrl?: string): boolean {
  const origin = URL.parse(headers.get('origin') ?? '')
  if (!origin) return false
  return siteUrl ? origin.origin === new URL(siteUrl).origin : origin.host === headers.get('host')
}

/** The JSON body, never larger than the limit however it is declared; undefined when there is none. */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!isUnsafe(request.method) || !request.body) return undefined
  const tooLarge = () => new NitroError('payload_too_large', 'This request is larger than 1 MB')
  if (Number(request.headers.get('content-length')) > limits.jsonBodyBytes) throw tooLarge()
  const pieces: Uint8Array[] = []
  let size = 0
  // Read by hand: leaving a for-await early would wait for the rest of an endless body.
  const reader = request.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.byteLength
    if (size > limits.jsonBodyBytes) {
      void reader.cancel()
      throw tooLarge()
    }
    pieces.push(read.value)
  }
  if (size === 0) return undefined
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new NitroError('unsupported_media_type', 'Send application/json')
  }
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer())
}

const forwarded = ['accept', 'accept-language', 'content-type', 'idempotency-key', 'last-event-id']

export function backendHeaders(from: Headers, token: string): Headers {
  const headers = new Headers()
  for (const name of forwarded) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  headers.set('authorization', `Bearer ${token}`)
  headers.set('x-request-id', crypto.randomUUID())
  return headers
}

const answered = [
  'content-type',
  // An attachment opened by itself is a page of ours: its policy has to come along.
  'content-security-policy',
  'content-disposition',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
  'x-vercel-ai-ui-message-stream',
]

export function browserHeaders(from: Headers): Headers {
  const headers = new Headers()
  for (const name of answered) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  headers.set('cache-control', 'private, no-store, no-transform')
  headers.set('x-accel-buffering', 'no')
  headers.set('x-content-type-options', 'nosniff')
  return headers
}
