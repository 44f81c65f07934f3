import type { ServerOptions } from 'node:http'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { accountCareRoutes } from './http/account-care.ts'
import { accountRoutes } from './http/accounts.ts'
import { apiKeyRoutes } from './http/api-keys.ts'
import { requireCredential } from './http/auth.ts'
import { readBody } from './http/body.ts'
import { answerFailure, toFailure } from './http/errors.ts'
import { healthRoutes, type HealthOptions } from './http/health.ts'
import { identityRoutes } from './http/identities.ts'
import { metricsRoutes } from './http/metrics.ts'
import { serveOpenApi } from './http/openapi.ts'
import { operatorRoutes, type DatabaseCare } from './http/operator.ts'
import { proofRoutes } from './http/proof.ts'
import { limitRequests } from './http/rate-limits.ts'
import { requestEnd } from './http/request-end.ts'
import { requestPath } from './http/request-path.ts'
import { createRoutes, type Env } from './http/routes.ts'
import { secondFactorRoutes } from './http/second-factor.ts'
import { sessionRoutes } from './http/sessions.ts'
import { refuseStrange } from './http/strange-requests.ts'
import { systemRoutes, type ReadSystem } from './http/system.ts'
import { ticketRoutes } from './http/tickets.ts'
import { allowUploadsFrom } from './http/upload-origins.ts'
import type { Identity } from './identity/identity.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { RateLimits } from './services/rate-limits.ts'
import type { RefusedCredentials } from './services/refused-credentials.ts'

export interface MountedRoutes {
  /** Where they hang: `/api/v1` for most. */
  path: string
  // Which paths and schemas a group of routes has is its own matter.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  app: Hono<Env, any, any>
  /** Paths below that check the credential themselves, because it does not come as a bearer. */
  selfAuthenticated?: readonly string[]
  /** How this door words its failures, when its clients expect another form than ours. */
  failureBody?: (failure: NitroError, requestId: string) => unknown
}

export interface Backend {
  log: Log
  metrics: Metrics
  version: string
  /** The web app's origins, whose pages may upload. */
  corsOrigins: readonly string[]
  /** What this backend is called by on the internet. */
  hosts: readonly string[]
  identity: Identity
  rateLimits: RateLimits
  refusedCredentials: RefusedCredentials
  /** How many proxies of ours stand in front, each of which says whom it speaks for. */
  trustedProxies: number
  health: Omit<HealthOptions, 'version'>
  database: DatabaseCare
  system: ReadSystem
  routes: readonly MountedRoutes[]
}

/** For `createServer`: what Node itself refuses, before there is a request. */
export const serverOptions: ServerOptions = {
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  // A slow line may need long for a large file; JSON bodies have a shorter limit of their own.
  requestTimeout: 60 * 60 * 1000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: limits.headerBytes,
  requireHostHeader: true,
}

export function createApp(backend: Backend) {
  const { log, metrics, version, corsOrigins, identity } = backend
  const app = createRoutes()
  const routes = [...ownRoutes(backend), ...backend.routes]

  app.onError((error, c) => {
    const failure = toFailure(error)
    if (failure.status >= 500) logFailure(log, c, failure)
    return answerFailure(c, failure, failureBody(routes, c, failure))
  })
  app.notFound((c) => {
    const failure = new NitroError('not_found', 'There is nothing at this address')
    return answerFailure(c, failure, failureBody(routes, c, failure))
  })

  app.use(requestEnd({ log, metrics }))
  app.use(safeHeaders)
  app.use(allowUploadsFrom(corsOrigins))
  app.use(
    requireCredential({
      authenticate: identity.authenticate,
      log,
      refusedCredentials: backend.refusedCredentials,
      trustedProxies: backend.trustedProxies,
      selfAuthenticated: routes.flatMap((group) => group.selfAuthenticated ?? []),
    }),
  )
  app.use(refuseStrange({ hosts: backend.hosts, origins: corsOrigins }))
  app.use(limitRequests(backend.rateLimits))
  app.use(plainAddress)
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const failure = new NitroError('method_not_allowed', `This address takes ${methods.join(', ')}`)
        c.header('allow', methods.join(', '))
        return answerFailure(c, failure, failureBody(routes, c, failure))
      },
    }),
  )
  app.use(readBody())
  for (const group of routes) app.route(group.path, group.app)
  serveOpenApi(app, version)
  return app
}

const ownRoutes = ({ metrics, version, identity, health, database, system }: Backend): MountedRoutes[] => [
  { path: '/', app: healthRoutes({ ...health, version }) },
  { path: '/', app: metricsRoutes(metrics) },
  { path: '/api/v1', app: accountRoutes(identity.accounts, identity.accountCare) },
  { path: '/api/v1', app: accountCareRoutes(identity.accountCare) },
  { path: '/api/v1', app: sessionRoutes(identity.sessions) },
  { path: '/api/v1', app: secondFactorRoutes(identity.secondFactors) },
  { path: '/api/v1', app: proofRoutes(identity.proof) },
  { path: '/api/v1', app: identityRoutes(identity.identities) },
  { path: '/api/v1', app: apiKeyRoutes(identity.apiKeys) },
  { path: '/api/v1', app: ticketRoutes(identity.tickets) },
  { path: '/api/v1', app: operatorRoutes({ operator: identity.operator, database }) },
  { path: '/api/v1', app: systemRoutes(system) },
]

const safeHeaders = createMiddleware<Env>(async (c, next) => {
  await next()
  const { headers } = c.res
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  // Browsers heed it over https alone.
  headers.set('strict-transport-security', 'max-age=31536000')
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
  if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-store')
})

/** Names of models have slashes in them, which a client may well escape. */
const modelPath = '/v1/models/'

/** Our own addresses need no escapes; with none allowed, there is one way to spell each. */
const plainAddress = createMiddleware<Env>(async (c, next) => {
  const { url } = c.req.raw
  if (url.length > limits.urlBytes) throw new NitroError('bad_request', 'This address is too long')
  if (url.includes('%00')) throw new NitroError('bad_request', 'This address holds a NUL character')
  const path = requestPath(url)
  // As it came over the line: in `url`, segments of dots are gone already. In tests there may be no line.
  const sent = c.env?.incoming?.url?.split('?', 1)[0] ?? path
  if (sent !== path || (!path.startsWith(modelPath) && /%|\/\/|\\|;/.test(path))) {
    throw new NitroError('not_found', 'There is nothing at this address')
  }
  await next()
})

function failureBody(routes: readonly MountedRoutes[], c: Context<Env>, failure: NitroError): unknown {
  const path = requestPath(c.req.raw.url)
  const door = routes.find((group) => group.failureBody && path.startsWith(`${group.path}/`))
  return door?.failureBody?.(failure, c.get('requestId'))
}

function logFailure(log: Log, c: Context<Env>, failure: NitroError): void {
  const fields = { requestId: c.get('requestId'), code: failure.code, error: failure.cause ?? failure }
  // Whatever failed because the client had left is not worth waking anybody.
  if (c.req.raw.signal.aborted) log.info('request-abandoned', fields)
  else if (failure.code === 'internal') log.error('request-failed', fields)
  else log.warn('request-failed', fields)
}
