import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { forward } from './forward.ts'

/** A backend that notes what reaches it. */
let server: Server
let reached: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[]
let answer: (response: ServerResponse) => void
const site = 'https://nitro.example'
const identity = { userId: randomUUID(), workspaceId: randomUUID(), sessionId: randomUUID() }

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      reached.push({ method: request.method!, path: request.url!, headers: request.headers, body })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { privateKey } = generateKeyPairSync('ed25519')
  process.env['NITRO_WEB_PRIVATE_KEY'] = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  process.env['BACKEND_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env['NEXTAUTH_URL'] = site
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  reached = []
  answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
})

interface Asked {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}

/** As the route handler gets it: an address that is not tidied up, and headers that a browser would not set. */
function ask(
  { method = 'GET', path = '/api/backend/me', headers = {}, body }: Asked,
  who: typeof identity | null = identity,
) {
  const plain = new Request(`${site}/`, { method, ...(body === undefined ? {} : { body }) })
  const { signal } = new AbortController()
  const request = { method, url: site + path, headers: new Headers(headers), body: plain.body, signal }
  return forward(request as Request, async () => who)
}

const ours = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }

/** What says who somebody is, where they are or what they ask, at one product or another. */
const dictionary: Record<string, string> = {
  authorization: 'Bearer nk_live_forged',
  'proxy-authorization': 'Basic eDp5',
  'x-api-key': 'nk_live_forged',
  cookie: 'next-auth.session-token=secret',
  forwarded: 'for=127.0.0.1',
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-user': 'bob@example.com',
  'x-real-ip': '127.0.0.1',
  'true-client-ip': '127.0.0.1',
  'cf-connecting-ip': '127.0.0.1',
  'cf-access-jwt-assertion': 'x',
  'x-vercel-forwarded-for': '127.0.0.1',
  'x-vercel-ip-country': 'DE',
  'x-now-route-matches': '1',
  'x-middleware-subrequest': 'middleware',
  'x-middleware-rewrite': '/api/v1/operator/users',
  'x-nextjs-data': '1',
  'x-matched-path': '/health/live',
  'x-invoke-path': '/health/live',
  rsc: '1',
  'next-router-prefetch': '1',
  'next-router-state-tree': 'x',
  'next-action': 'x',
  'x-internal': '1',
  'x-internal-token': 'x',
  'x-user-id': randomUUID(),
  'x-user-role': 'owner',
  'x-role': 'owner',
  'x-workspace-id': randomUUID(),
  'x-tenant-id': randomUUID(),
  'x-nitro-act-as': 'bob@example.com',
  'x-request-from': 'web',
  'x-request-id': 'forged',
  'x-http-method-override': 'DELETE',
  'x-original-url': '/api/v1/operator/users',
  'x-rewrite-url': '/api/v1/operator/users',
  'content-encoding': 'gzip',
  range: 'bytes=0-1',
  'if-none-match': '"x"',
  origin: 'https://evil.example',
  referer: 'https://evil.example/',
}

/** What an HTTP client of Node says of itself. */
const ofTheClient = [
  'accept-encoding',
  'cache-control',
  'connection',
  'content-length',
  'host',
  'pragma',
  'sec-fetch-mode',
  'user-agent',
]
const allowed = ['accept', 'accept-language', 'authorization', 'content-type', 'idempotency-key', 'last-event-id']

describe('what reaches the backend', () => {
  it('is five headers of two hundred and fifty, our own token and a new id', async () => {
    const random = Object.fromEntries(Array.from({ length: 200 }, () => [`x-${randomUUID()}`, 'anything']))
    const wanted = { accept: 'application/json', 'accept-language': 'en', 'idempotency-key': 'k', 'last-event-id': '7' }
    const headers = { ...random, ...dictionary, ...wanted, ...ours }
    const response = await ask({ method: 'POST', path: '/api/backend/conversations', headers, body: '{"title":"x"}' })
    expect(response.status).toBe(200)
    const [request] = reached
    expect(
      Object.keys(request!.headers)
        .filter((name) => !ofTheClient.includes(name))
        .sort(),
    ).toEqual([...allowed, 'x-request-id'].sort())
    expect(request!.headers['x-request-id']).not.toBe('forged')
    expect(request!.body).toBe('{"title":"x"}')
    const token = decodeJwt(request!.headers.authorization!.replace('Bearer ', ''))
    expect(token).toMatchObject({ sub: identity.userId, wid: identity.workspaceId, sid: identity.sessionId })
    const bh = createHash('sha256').update('{"title":"x"}').digest('base64url')
    expect(token).toMatchObject({ htm: 'POST', htu: '/api/v1/conversations', bh })
  })

  it('is nothing without a session, whatever a request says about itself', async () => {
    const levels = ['middleware', 'src/middleware', 'pages/_middleware', 'proxy', 'src/proxy']
    for (const name of levels) {
      for (let repeats = 1; repeats <= 10; repeats++) {
        const value = Array.from({ length: repeats }, () => name).join(':')
        const headers = { ...dictionary, ...ours, 'x-middleware-subrequest': value }
        expect((await ask({ headers }, null)).status).toBe(401)
      }
    }
    for (const [name, value] of Object.entries(dictionary)) {
      expect((await ask({ headers: { [name]: value } }, null)).status).toBe(401)
    }
    expect(reached).toEqual([])
  })

  const id = randomUUID()
  it.each([
    '/api/backend/operator/users',
    '/api/backend/auth/sign-in',
    '/api/backend/openapi.json',
    '/api/backend/../operator/users',
    '/api/backend/me/../../operator/users',
    '/api/backend/me%2f..%2foperator%2fusers',
    '/api/backend/%2e%2e/operator/users',
    '/api/backend/%2e%2e%2foperator/users',
    '/api/backend/..%5coperator%5cusers',
    '/api/backend//operator/users',
    '/api/backend/me//',
    '/api/backend/ME',
    '/api/backend/%6de',
    '/api/backend/me;x=1',
    '/api/backend/me.rsc',
    '/api/backend/me.json',
    '/api/backend/me%00',
    '/api/backend/me%0d%0ax:1',
    '/api/backend/me%20',
    '/api/backend/http://127.0.0.1/me',
    '/api/backend/@127.0.0.1/me',
    '/api/backend//127.0.0.1/me',
    `/api/backend/conversations/${id}/`,
    `/api/backend/conversations/${id}%20`,
    `/api/backend/conversations/${id.toUpperCase()}`,
    `/api/backend/conversations/{${id}}`,
    `/api/backend/conversations/${id},${id}`,
    `/api/backend/runs/${id}/../../operator/users/events`,
    '/api/backend/workspace/members/me',
    '/API/BACKEND/me',
  ])('is nothing that is not in the table: %s', async (path) => {
    const { status } = await ask({ path })
    expect([400, 404]).toContain(status)
    expect(reached).toEqual([])
  })

  it('is the query as it was, and no other host by way of it', async () => {
    await ask({ path: '/api/backend/conversations?limit=5&cursor=%2f%2fevil.example%2f%23@x' })
    expect(reached[0]!.path).toBe('/api/v1/conversations?limit=5&cursor=%2f%2fevil.example%2f%23@x')
  })
})

describe('a page of another site', () => {
  const json = 'application/json'
  const cases: [why: string, headers: Record<string, string>, status: number][] = [
    ['our own page', { 'sec-fetch-site': 'same-origin', 'content-type': json }, 200],
    ['our own page in an old browser', { origin: site, 'content-type': json }, 200],
    ['another site', { 'sec-fetch-site': 'cross-site', 'content-type': json }, 403],
    ['another host of ours', { 'sec-fetch-site': 'same-site', 'content-type': json }, 403],
    ['somebody who typed it', { 'sec-fetch-site': 'none', 'content-type': json }, 403],
    [
      'another site that says Origin as we would',
      { 'sec-fetch-site': 'cross-site', origin: site, 'content-type': json },
      403,
    ],
    ['capitals in Sec-Fetch-Site', { 'sec-fetch-site': 'Same-Origin', 'content-type': json }, 403],
    ['two values in Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin, cross-site', 'content-type': json }, 403],
    ['an empty Sec-Fetch-Site', { 'sec-fetch-site': '', 'content-type': json }, 403],
    ['no header at all', { 'content-type': json }, 403],
    ['Origin null', { origin: 'null', 'content-type': json }, 403],
    ['Origin of another site', { origin: 'https://evil.example', 'content-type': json }, 403],
    ['Origin that begins like ours', { origin: `${site}.evil.example`, 'content-type': json }, 403],
    ['Origin that ends like ours', { origin: 'https://evil-nitro.example', 'content-type': json }, 403],
    ['our Origin without TLS', { origin: 'http://nitro.example', 'content-type': json }, 403],
    ['our Origin on another port', { origin: `${site}:8443`, 'content-type': json }, 403],
    ['two Origins', { origin: `${site}, https://evil.example`, 'content-type': json }, 403],
    ['Referer alone', { referer: `${site}/chat`, 'content-type': json }, 403],
    ['Host as it likes', { host: 'evil.example', origin: 'https://evil.example', 'content-type': json }, 403],
    ['a form', { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a form with a file', { 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['a form of text', { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }, 415],
    [
      'text that says JSON later',
      { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain; application/json' },
      415,
    ],
    ['something like JSON', { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json-seq' }, 415],
    ['no type', { 'sec-fetch-site': 'same-origin' }, 415],
  ]

  it.each(['POST', 'PUT', 'PATCH'])('changes nothing by %s', async (method) => {
    const path = { POST: '/api/backend/conversations', PUT: '/api/backend/learning', PATCH: '/api/backend/me' }[method]!
    for (const [why, headers, status] of cases) {
      reached = []
      expect([why, (await ask({ method, path, headers, body: '{}' })).status]).toEqual([why, status])
      expect([why, reached.length]).toEqual([why, status === 200 ? 1 : 0])
    }
  })

  it('deletes nothing either, where no body has a type', async () => {
    const path = `/api/backend/conversations/${randomUUID()}`
    for (const [why, headers, status] of cases.filter(([, , status]) => status === 403)) {
      expect([why, (await ask({ method: 'DELETE', path, headers })).status]).toEqual([why, status])
    }
    expect(reached).toEqual([])
  })
})

describe('what comes back', () => {
  it('has nothing of the backend’s own in it', async () => {
    answer = (response) =>
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'set-cookie': 'role=owner',
          server: 'secret/1',
          'x-powered-by': 'secret',
          location: 'http://10.0.0.7:8000/',
          'access-control-allow-origin': '*',
          'access-control-allow-credentials': 'true',
          'cache-control': 'public, max-age=600',
          'x-internal-host': '10.0.0.7',
          via: '1.1 secret',
          'x-request-id': 'of-the-backend',
          link: '<http://10.0.0.7/>; rel=preload',
          refresh: '0; url=http://evil.example/',
          'x-accel-redirect': '/etc/passwd',
          'service-worker-allowed': '/',
          'clear-site-data': '"*"',
        })
        .end('{"ok":true}')
    const response = await ask({})
    expect(await response.text()).toBe('{"ok":true}')
    expect([...response.headers.keys()].sort()).toEqual([
      'cache-control',
      'content-type',
      'x-accel-buffering',
      'x-content-type-options',
      'x-request-id',
    ])
    expect(response.headers.get('cache-control')).toContain('no-store')
  })

  it.each([300, 301, 302, 303, 307, 308, 399])('is no redirect, when the backend gives %i', async (status) => {
    answer = (response) => response.writeHead(status, { location: 'http://169.254.169.254/' }).end()
    const response = await ask({})
    expect(response.status).toBe(503)
    expect(response.headers.get('location')).toBeNull()
    expect(await response.text()).not.toContain('169.254')
  })

  it.each([400, 404, 429, 500])('is what the backend refuses with, as it says it: %i', async (status) => {
    answer = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{}}')
    const response = await ask({})
    expect([response.status, await response.text()]).toEqual([status, '{"error":{}}'])
  })

  it('has a minute to begin, and as long as it likes to end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      let begun: ServerResponse | undefined
      answer = (response) => (begun = response)
      const reachedServer = async () => {
        while (!begun) await new Promise((resolve) => setImmediate(resolve))
        return begun
      }
      const late = ask({})
      await reachedServer()
      let isOver = false
      void late.then(() => (isOver = true))
      vi.advanceTimersByTime(59_999)
      await new Promise((resolve) => setImmediate(resolve))
      expect(isOver).toBe(false)
      vi.advanceTimersByTime(1)
      expect((await late).status).toBe(503)

      begun = undefined
      const asked = ask({})
      const stream = await reachedServer()
      stream.writeHead(200, { 'content-type': 'text/event-stream' }).write('first, ')
      const response = await asked
      vi.advanceTimersByTime(120_000)
      stream.end('last')
      expect(await response.text()).toBe('first, last')
    } finally {
      vi.useRealTimers()
    }
  })

  it('is nothing, and no failure, for a reader who has left', async () => {
    const leaving = new AbortController()
    answer = () => leaving.abort()
    const request = { method: 'GET', url: `${site}/api/backend/me`, headers: new Headers(), signal: leaving.signal }
    const response = await forward(request as Request, async () => identity)
    expect([response.status, await response.text()]).toEqual([499, ''])
  })

  it('is one sentence when the backend is not there', async () => {
    answer = (response) => response.destroy()
    const response = await ask({})
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    const said = await response.text()
    expect(said).toContain('cannot be reached')
    expect(said).not.toMatch(/127\.0\.0\.1|ECONN|\.ts/)
  })
})
