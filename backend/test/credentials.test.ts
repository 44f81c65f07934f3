import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { actAsHeader } from '@nitroagi/shared/operator'
import type { SignedIn } from '@nitroagi/shared/identity'
import { UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverOptions } from '../src/app.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createInProcessWorkingMemory } from '../src/ports/working-memory/in-process.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { openMemory } from './test-database.ts'
import { personClaims, serviceClaims } from './test-web.ts'

let connection: Connection
let app: TestApp
let ada: SignedIn
let bob: SignedIn
let server: ServerType
let port: number

beforeAll(async () => {
  connection = await openMemory()
  app = createTestApp(connection)
  ada = await app.createUser({ email: 'ada@example.com' })
  bob = await app.createUser({ email: 'bob@example.com' })
  server = serve({ fetch: app.app.fetch, port: 0, hostname: '127.0.0.1', serverOptions })
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server?.close()
  await connection?.close()
})

const path = '/api/v1/me'
const now = () => Math.floor(Date.now() / 1000)
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a token of the web app', () => {
  it('says who somebody is', async () => {
    const answer = await app.asPerson(ada, path)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ email: 'ada@example.com', role: 'owner' })
  })

  const stranger = generateKeyPairSync('ed25519').privateKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const claims = (changes: Record<string, unknown> = {}) => ({ ...personClaims(ada, 'GET', path), ...changes })
  const signed = (changes?: Record<string, unknown>, header?: Record<string, unknown>) =>
    app.web.sign(claims(changes), header)
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const reheaded = async (header: Record<string, unknown>) => {
    const [, payload, signature] = (await signed()).split('.')
    return `${base64(header)}.${payload}.${signature}`
  }

  const bad: [why: string, token: () => string | Promise<string>][] = [
    ['is not a token at all', () => 'x'.repeat(40)],
    ['has only two parts', async () => (await signed()).split('.').slice(0, 2).join('.')],
    ['is not signed', () => new UnsecuredJWT(claims()).encode()],
    ['lost its signature', async () => (await signed()).replace(/[^.]*$/, '')],
    ['has another signature', async () => (await signed()).replace(/.{8}$/, 'AAAAAAAA')],
    [
      'has another payload',
      async () => (await signed()).replace(/\.[^.]*\./, `.${base64(claims({ sub: bob.userId }))}.`),
    ],
    ['is signed by another key that calls itself ours', () => app.web.sign(claims(), {}, stranger)],
    ['names an unknown key', () => signed({}, { kid: '0123456789abcdef' })],
    ['names no key', () => signed({}, { kid: undefined })],
    [
      'brings its own key along',
      () => app.web.sign(claims(), { jwk: createPublicKey(stranger).export({ format: 'jwk' }) as never }, stranger),
    ],
    ['is signed by RSA', () => app.web.sign(claims(), { alg: 'RS256' }, rsa)],
    ['says "none" over a good signature', () => reheaded({ alg: 'none', typ: 'nitro-int+jwt', kid: app.web.kid })],
    ['says HS256 over our public key', () => reheaded({ alg: 'HS256', typ: 'nitro-int+jwt', kid: app.web.kid })],
    ['has the type of any JWT', () => signed({}, { typ: 'JWT' })],
    ['has no type', () => signed({}, { typ: undefined })],
    ['has the type of a service', () => signed({}, { typ: 'nitro-svc+jwt' })],
    [
      'demands an unknown extension',
      () => reheaded({ alg: 'EdDSA', typ: 'nitro-int+jwt', kid: app.web.kid, crit: ['x'], x: 1 }),
    ],
    ['comes from another issuer', () => signed({ iss: 'somebody' })],
    ['has no issuer', () => signed({ iss: undefined })],
    ['is for another audience', () => signed({ aud: 'nitroagi-backend-service' })],
    ['is for two audiences', () => signed({ aud: ['nitroagi-backend', 'nitroagi-backend-service'] })],
    ['has expired', () => signed({ iat: now() - 120, nbf: now() - 120, exp: now() - 60 })],
    ['lives longer than a minute', () => signed({ exp: now() + 3600 })],
    ['never expires', () => signed({ exp: undefined })],
    ['begins later', () => signed({ nbf: now() + 30 })],
    ['was made in the future', () => signed({ iat: now() + 30, exp: now() + 60 })],
    ['has no time of making', () => signed({ iat: undefined })],
    ['is for another method', () => signed({ htm: 'POST' })],
    ['is for another path', () => signed({ htu: '/api/v1/system' })],
    ['is for the same path with a slash', () => signed({ htu: `${path}/` })],
    ['is for no path', () => signed({ htu: undefined })],
    ['is for nobody', () => signed({ sub: undefined })],
    ['is for somebody who is no UUID', () => signed({ sub: 'ada@example.com' })],
    ['is for somebody unknown', () => signed({ sub: randomUUID() })],
    ['names no workspace', () => signed({ wid: undefined })],
    ['names a workspace of somebody else', () => signed({ wid: bob.workspaceId })],
    ['names no session', () => signed({ sid: undefined })],
    ['has no id', () => signed({ jti: undefined })],
    ['speaks for the web app itself', () => app.web.sign(serviceClaims('GET', path), { typ: 'nitro-svc+jwt' })],
  ]

  it.each(bad)('is refused when it %s', async (_, token) => {
    const answer = await app.request(path, { headers: bearer(await token()) })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthenticated' } })
  })

  it('bears five seconds of difference between two clocks', async () => {
    const late = { iat: now() - 63, nbf: now() - 63, exp: now() - 3 }
    expect((await app.request(path, { headers: bearer(await signed(late)) })).status).toBe(200)
  })

  it('counts once where it changes something', async () => {
    const body = { text: 'Hi' }
    const token = await app.web.person(ada, 'POST', '/api/v1/echo', body)
    const post = () => app.request('/api/v1/echo', { method: 'POST', body, headers: bearer(token) })
    expect([(await post()).status, (await post()).status]).toEqual([200, 401])
  })

  it('counts once at all replicas', async () => {
    const workingMemory = createInProcessWorkingMemory()
    const replicas = [1, 2].map(() =>
      createTestApp(connection, { identity: { webPublicKeys: [app.web.publicKeyPem], workingMemory } }),
    )
    const body = { text: 'Hi' }
    const token = await app.web.person(ada, 'POST', '/api/v1/echo', body)
    const answers = await Promise.all(
      replicas.map((one) => one.request('/api/v1/echo', { method: 'POST', body, headers: bearer(token) })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  it.each([
    ['another body', { text: 'Ho' }],
    ['no body', undefined],
    ['one more space', '{"text":"Hi" }'],
  ])('is good for the body that it was made for, and not for %s', async (_, body) => {
    const token = await app.web.person(ada, 'POST', '/api/v1/echo', { text: 'Hi' })
    const answer = await app.request('/api/v1/echo', { method: 'POST', body, headers: bearer(token) })
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'unauthenticated' } }])
  })

  it('is refused for a change when it names no body', async () => {
    const { bh: _, ...unbound } = personClaims(ada, 'DELETE', '/api/v1/sessions') as Record<string, unknown>
    const token = await app.web.sign(unbound)
    expect((await app.request('/api/v1/sessions', { method: 'DELETE', headers: bearer(token) })).status).toBe(401)
  })

  it('is no key to the OpenAI door, nor to health', async () => {
    for (const other of ['/v1/models', '/health', '/metrics']) {
      const token = await app.web.person(ada, 'GET', other)
      expect((await app.request(other, { headers: bearer(token) })).status).toBe(401)
    }
  })

  it('takes rights from the database, whatever it claims, and gives up a suspended person within seconds', async () => {
    const carol = await app.createUser({ email: 'carol@example.com', workspace: 'Team', role: 'viewer' })
    const body = { kind: 'upload', collectionId: randomUUID() }
    const token = await app.web.sign({
      ...personClaims(carol, 'POST', '/api/v1/tickets', body),
      role: 'owner',
      scopes: ['admin', 'chat', 'knowledge'],
    })
    expect((await app.request('/api/v1/tickets', { method: 'POST', body, headers: bearer(token) })).status).toBe(403)

    await connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [carol.userId])
    const restarted = createTestApp(connection, { identity: { webPublicKeys: [app.web.publicKeyPem] } })
    const later = await app.web.person(carol, 'GET', path)
    expect((await restarted.request(path, { headers: bearer(later) })).status).toBe(401)
  })

  it('never mixes two people up, however the requests interleave', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const who = index % 2 === 0 ? ada : bob
        const me = (await (await app.asPerson(who, path)).json()) as SignedIn
        return me.userId === who.userId
      }),
    )
    expect(answers.every(Boolean)).toBe(true)
  })
})

describe('a token of the web app itself', () => {
  const registration = '/api/v1/auth/registration'

  it('opens the sign-in and nothing else', async () => {
    expect((await app.asWeb(registration)).status).toBe(200)
    for (const other of [path, '/api/v1/system', '/api/v1/operator/users', '/api/v1/openapi.json', '/health']) {
      expect((await app.asWeb(other)).status).toBe(401)
    }
  })

  it('is the only one that opens the sign-in', async () => {
    expect((await app.asPerson(ada, registration)).status).toBe(401)
    expect((await app.withKey(app.operatorKey, registration)).status).toBe(401)
    // The router would decode this one; what was signed is what was sent.
    const spelled = '/api/v1/%61uth/registration'
    const token = await app.web.person(ada, 'GET', spelled)
    expect((await app.request(spelled, { headers: bearer(token) })).status).toBe(404)
  })
})

describe('identity in anything but one bearer', () => {
  const claimed: [string, Record<string, string>][] = [
    ['a cookie', { cookie: 'next-auth.session-token=abc; session=1' }],
    ['a user header', { 'x-user-id': 'x', 'x-user-role': 'owner', 'x-user-email': 'ada@example.com' }],
    [
      'a proxy header',
      { 'x-forwarded-user': 'ada@example.com', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
    ],
    ['a workspace header', { 'x-workspace-id': 'x', 'x-tenant-id': 'x' }],
    ['a header of the operator', { [actAsHeader]: 'ada@example.com' }],
    [
      'a header of the web app',
      { 'x-middleware-subrequest': 'src/middleware', 'x-request-from': 'web', 'x-internal': '1' },
    ],
    [
      'basic authentication',
      { authorization: `Basic ${Buffer.from('ada@example.com:a long enough password').toString('base64')}` },
    ],
    ['another host', { host: 'localhost', 'x-forwarded-host': 'localhost' }],
  ]
  it.each(claimed)('is nobody: %s', async (_, headers) => {
    expect((await app.request(path, { headers })).status).toBe(401)
  })

  it('changes nothing beside a good credential', async () => {
    const headers = { 'x-user-id': bob.userId, [actAsHeader]: 'bob@example.com', 'x-http-method-override': 'DELETE' }
    const answer = await app.asPerson(ada, path, { headers })
    expect(((await answer.json()) as SignedIn).userId).toBe(ada.userId)
  })

  it('is refused when a second credential comes along', async () => {
    const token = await app.web.person(ada, 'GET', path)
    for (const name of ['x-api-key', 'api-key']) {
      expect((await app.request(path, { headers: { ...bearer(token), [name]: 'nk_live_x' } })).status).toBe(400)
    }
    expect(
      await overHttp({
        path,
        headers: [
          ['authorization', `Bearer ${token}`],
          ['authorization', `Bearer ${app.operatorKey}`],
        ],
      }),
    ).toBe(401)
  })

  it('is refused in the address', async () => {
    for (const name of ['key', 'api_key', 'access_token', 'token', 'ticket', 'authorization']) {
      expect((await app.request(`${path}?${name}=${app.operatorKey}`)).status).toBe(401)
    }
  })
})

describe('an address in another spelling', () => {
  const spellings = [
    '/api/v1/me/',
    '//api/v1/me',
    '/api//v1/me',
    '/api/v1//me',
    '/api/v1/%6de',
    '/api/v1/m%65',
    '/api%2fv1%2fme',
    '/api/v1%2Fme',
    '/%61pi/v1/me',
    '/api/v1/me%2f',
    '/api/v1/me%00',
    '/api/v1/me%20',
    '/api/v1/./me',
    '/api/v1/x/../me',
    '/api/v1/%2e/me',
    '/api/v1/x/%2e%2e/me',
    '/api/v1/x/%252e%252e/me',
    '/API/V1/ME',
    '/api/v1/me;x=1',
    '/api/v1/me.json',
    '/health/live/../../api/v1/me',
    '/health/live/%2e%2e/%2e%2e/api/v1/me',
    '/health/live%2f..%2f..%2fapi/v1/me',
    '/health/live/../ready/../../metrics',
    '/health//live',
    '/health/live/',
    '/health/ready?/../../api/v1/me',
    '/api/v1/me?/health/live',
    '/api/v1/me#/health/live',
    '\\api\\v1\\me',
    'http://127.0.0.1/api/v1/me',
  ]

  it.each(spellings)('opens nothing without a credential: %s', async (spelling) => {
    const status = await overHttp({ path: spelling })
    expect(spelling.startsWith('/health/ready?') ? [200] : [400, 401, 404]).toContain(status)
  })

  it.each(spellings.filter((spelling) => /%|\/\/api|\/\/me|;/.test(spelling)))(
    'is not another way to the same with one: %s',
    async (spelling) => {
      const url = new URL(spelling, 'http://x')
      if (url.pathname === path) return
      const token = await app.web.person(ada, 'GET', path)
      expect([400, 401, 404]).toContain(
        await overHttp({ path: spelling, headers: [['authorization', `Bearer ${token}`]] }),
      )
    },
  )
})

describe('methods', () => {
  it('are refused where a route does not take them, and nobody learns which it takes', async () => {
    for (const method of ['TRACE', 'OPTIONS', 'PUT', 'PROPFIND', 'DELETE']) {
      expect(await overHttp({ path, method })).toBe(401)
      const authorization = `Bearer ${app.operatorKey}`
      expect(await overHttp({ path, method, headers: [['authorization', authorization]] })).toBe(405)
    }
    expect(await overHttp({ path: '/health/live', method: 'POST' })).toBe(401)
  })
})

/** A request as it is written here: fetch would tidy up its path and headers first. */
function overHttp({
  path,
  method = 'GET',
  headers = [],
}: {
  path: string
  method?: string
  headers?: [string, string][]
}): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = send({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: ['host', 'x', ...headers.flat()],
      agent: false,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.end()
  })
}
