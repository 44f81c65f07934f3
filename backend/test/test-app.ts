import { randomBytes } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import type { SignedIn } from '@nitroagi/shared/identity'
import type { CreateOperatorUser } from '@nitroagi/shared/operator'
import { createApp, type Backend } from '../src/app.ts'
import { createRoutes, json } from '../src/http/routes.ts'
import { createEncryption } from '../src/identity/encryption.ts'
import { createIdentity, type IdentityOptions } from '../src/identity/identity.ts'
import { silentLog } from '../src/log.ts'
import { createMetrics } from '../src/metrics.ts'
import { createNoMail } from '../src/ports/mail/none.ts'
import { createAccountCareRepository } from '../src/ports/database/account-care.ts'
import { createAccountsRepository } from '../src/ports/database/accounts.ts'
import { createApiKeysRepository } from '../src/ports/database/api-keys.ts'
import { createAuditRepository } from '../src/ports/database/audit.ts'
import { createCollectionsRepository } from '../src/ports/database/collections.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createIdentitiesRepository } from '../src/ports/database/identities.ts'
import { createSecondFactorsRepository } from '../src/ports/database/second-factors.ts'
import { createInstallationRepository } from '../src/ports/database/installation.ts'
import { createInvitationsRepository } from '../src/ports/database/invitations.ts'
import { createSessionsRepository } from '../src/ports/database/sessions.ts'
import { createSignInAttemptsRepository } from '../src/ports/database/sign-in-attempts.ts'
import { createTicketsRepository } from '../src/ports/database/tickets.ts'
import { createInProcessWorkingMemory } from '../src/ports/working-memory/in-process.ts'
import { createMetering } from '../src/services/metering.ts'
import { createRateLimits } from '../src/services/rate-limits.ts'
import { createRefusedCredentials } from '../src/services/refused-credentials.ts'
import { generousLimits } from './generous-limits.ts'
import { createAudit } from '../src/services/audit.ts'
import { createTestWeb } from './test-web.ts'

export const webOrigin = 'http://127.0.0.1:3000'

export type TestApp = ReturnType<typeof createTestApp>

interface Asked {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

/** The whole app over real repositories, with a web app that signs for people. */
export function createTestApp(
  connection: Connection,
  options: { identity?: Partial<IdentityOptions>; backend?: Partial<Backend> } = {},
) {
  const web = createTestWeb()
  const sessions = createSessionsRepository(connection)
  const operatorKey = `no_${randomBytes(32).toString('base64url')}`
  const identity = createIdentity({
    log: silentLog,
    audit: createAudit({ repository: createAuditRepository(connection), log: silentLog }),
    repositories: {
      accounts: createAccountsRepository(connection),
      sessions,
      signInAttempts: createSignInAttemptsRepository(connection),
      accountCare: createAccountCareRepository(connection),
      apiKeys: createApiKeysRepository(connection),
      tickets: createTicketsRepository(connection),
      collections: createCollectionsRepository(connection),
      invitations: createInvitationsRepository(connection),
      installation: createInstallationRepository(connection),
      secondFactors: createSecondFactorsRepository(connection),
      identities: createIdentitiesRepository(connection),
    },
    encryption: createEncryption([randomBytes(32).toString('hex')]),
    operatorKey,
    webPublicKeys: [web.publicKeyPem],
    publicUrl: 'http://127.0.0.1:8000',
    webUrl: webOrigin,
    mail: createNoMail(),
    corsOrigins: [webOrigin],
    isFirstOwnerOpen: true,
    ...options.identity,
  })
  const memory = createInProcessWorkingMemory()
  const take = createMetering({ shared: memory, local: memory, log: silentLog })
  const database = async () => ({ adapter: connection.adapter, applied: [], pending: [], problems: [] })
  const app = createApp({
    log: silentLog,
    metrics: createMetrics(),
    version: '0.0.0-test',
    corsOrigins: [webOrigin],
    hosts: [],
    identity,
    rateLimits: createRateLimits({ take, limits: generousLimits }),
    refusedCredentials: createRefusedCredentials({ take, perMinute: 1_000_000 }),
    trustedProxies: 0,
    health: { checks: { database: { critical: true, check: async () => {} } }, isReady: () => true },
    database: { status: database, migrate: database },
    system: () => ({ version: '0.0.0-test', models: [], defaultModel: 'nitro-offline', modules: [] }),
    routes: [{ path: '/api/v1', app: echoRoutes() }],
    ...options.backend,
  })

  const request = (path: string, { method = 'GET', body, headers = {} }: Asked = {}) =>
    app.request(path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })

  return {
    app,
    identity,
    web,
    operatorKey,
    request,
    withKey: (key: string, path: string, asked: Asked = {}) =>
      request(path, { ...asked, headers: { authorization: `Bearer ${key}`, ...asked.headers } }),
    async asPerson(who: SignedIn, path: string, asked: Asked = {}) {
      const token = await web.person(who, asked.method ?? 'GET', path.split('?')[0] ?? path, asked.body)
      return request(path, { ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } })
    },
    async asWeb(path: string, asked: Asked & { clientAddress?: string } = {}) {
      const token = await web.service(asked.method ?? 'GET', path, asked)
      return request(path, { ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } })
    },
    async createUser(user: Partial<CreateOperatorUser> & { email: string }): Promise<SignedIn> {
      const response = await request('/api/v1/operator/users', {
        method: 'POST',
        body: { password: 'a long enough password', ...user },
        headers: { authorization: `Bearer ${operatorKey}` },
      })
      if (response.status !== 201) throw new Error(await response.text())
      const account = (await response.json()) as Omit<SignedIn, 'sessionId'>
      return { ...account, sessionId: await sessions.begin({ userId: account.userId, seconds: 3600 }) }
    },
  }
}

const Echo = z.strictObject({ text: z.string() })

/** A route of the kind that other rooms mount: it answers with what it parsed and who asked. */
function echoRoutes() {
  const route = createRoute({
    method: 'post',
    path: '/echo',
    request: { body: { ...json(Echo, 'Anything'), required: true } },
    responses: { 200: json(z.object({ text: z.string(), userId: z.string(), requestId: z.string() }), 'The same') },
  })
  const upload = createRoute({
    method: 'post',
    path: '/collections/{id}/documents',
    request: { params: z.object({ id: z.uuid() }) },
    responses: { 200: json(z.object({ bytes: z.number(), via: z.string() }), 'How much came') },
  })
  return createRoutes()
    .openapi(route, (c) => {
      const { actor, requestId } = c.get('call')
      return c.json({ text: c.req.valid('json').text, userId: actor.userId, requestId }, 200)
    })
    .openapi(upload, async (c) => {
      const bytes = (await c.req.raw.arrayBuffer()).byteLength
      return c.json({ bytes, via: c.get('call').actor.via }, 200)
    })
    .get('/broken', () => {
      throw new Error('the database password is hunter2')
    })
}
