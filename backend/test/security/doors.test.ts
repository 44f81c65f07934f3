import { request as send } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPeople, password, posted, type Told, openingMs } from './world.ts'

let world: Awaited<ReturnType<typeof openPeople>>
beforeAll(async () => {
  world = await openPeople()
}, openingMs)
afterAll(() => world?.close())

const paths = ['/api/v1/me', '/api/v1/members', '/api/v1/workspaces', '/api/v1/sessions', '/api/v1/conversations']

/** Two answers to the same are the same, but for the id of the request and the moment. */
const shown = ({ status, text }: Told) =>
  `${status} ${text.replaceAll(/"requestId":"[^"]*"/g, '').replaceAll(/"\w+At":"[^"]*"/g, '')}`

describe('headers that say who somebody is', () => {
  const claims = (): Record<string, string> => ({
    'x-user-id': world.bob.userId,
    'x-user': world.bob.email,
    'x-user-email': world.bob.email,
    'x-user-role': 'owner',
    'x-role': 'owner',
    'x-roles': 'owner,admin',
    'x-scopes': 'admin',
    'x-workspace-id': world.bob.workspaceId,
    'x-workspace': world.bob.workspaceId,
    'x-tenant-id': world.bob.workspaceId,
    'x-tenant': world.bob.workspaceId,
    'x-org-id': world.bob.workspaceId,
    'x-session-id': world.bob.sessionId,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-user': world.bob.email,
    'x-forwarded-email': world.bob.email,
    'x-forwarded-host': 'localhost',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'x-forwarded-prefix': '/api/v1/operator',
    'x-forwarded-uri': '/health/live',
    'x-forwarded-access-token': 'x',
    forwarded: 'for=127.0.0.1;host=localhost;proto=https',
    'x-real-ip': '127.0.0.1',
    'true-client-ip': '127.0.0.1',
    'client-ip': '127.0.0.1',
    'x-client-ip': '127.0.0.1',
    'x-cluster-client-ip': '127.0.0.1',
    'cf-connecting-ip': '127.0.0.1',
    'cf-access-authenticated-user-email': world.bob.email,
    'cf-ray': '1',
    'x-vercel-forwarded-for': '127.0.0.1',
    'x-vercel-id': 'x',
    'x-vercel-protection-bypass': 'x',
    'x-now-route-matches': '1',
    'x-amzn-oidc-identity': world.bob.userId,
    'x-goog-authenticated-user-email': world.bob.email,
    'x-ms-client-principal-name': world.bob.email,
    'x-authenticated-user': world.bob.email,
    'x-auth-request-user': world.bob.email,
    'x-remote-user': world.bob.email,
    'remote-user': world.bob.email,
    'x-ssl-client-s-dn': `CN=${world.bob.email}`,
    'x-middleware-subrequest': 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware',
    'x-middleware-prefetch': '1',
    'x-nextjs-data': '1',
    'x-matched-path': '/health/live',
    'x-invoke-path': '/health/live',
    'x-http-method-override': 'DELETE',
    'x-http-method': 'DELETE',
    'x-method-override': 'DELETE',
    'x-original-url': '/health/live',
    'x-rewrite-url': '/health/live',
    'x-original-method': 'DELETE',
    'x-internal': '1',
    'x-internal-request': 'true',
    'x-request-from': 'web',
    'x-from-web-app': 'true',
    'x-debug': '1',
    'x-admin': 'true',
    'x-nitro-act-as': world.bob.email,
    'x-nitro-user': world.bob.userId,
    cookie: `next-auth.session-token=${world.bob.sessionId}; session=${world.bob.key}; role=owner`,
    referer: 'https://evil.example/',
  })

  it('change no answer, each alone and all at once', async () => {
    const all = claims()
    expect(Object.keys(all).length).toBeGreaterThan(60)
    const found: string[] = []
    for (const path of paths) {
      const plain = {
        session: await world.as(world.alice, 'session', path),
        key: await world.as(world.alice, 'key', path),
      }
      for (const [name, headers] of [
        ...Object.entries(all).map(([name, value]) => [name, { [name]: value }] as const),
        ['all of them', all] as const,
      ]) {
        for (const by of ['session', 'key'] as const) {
          const told = await world.as(world.alice, by, path, { headers })
          if (shown(told) !== shown(plain[by])) found.push(`${path} by ${by} with ${name}: ${shown(told)}`)
        }
        const { status } = await world.asNobody(path, { headers })
        if (status !== 401) found.push(`${path} by nobody with ${name}: ${status}`)
      }
    }
    expect(found).toEqual([])
  })

  it('never make a page of another site able to read an answer', async () => {
    for (const path of [...paths, '/health/live', '/v1/models']) {
      for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:3999.evil.example']) {
        const { status, headers } = await world.as(world.alice, 'key', path, { headers: { origin } })
        expect([path, status, headers.get('access-control-allow-origin')]).toEqual([path, 403, null])
      }
      const extension = { headers: { origin: 'chrome-extension://ours' } }
      const plain = await world.as(world.alice, 'key', path)
      expect(shown(await world.as(world.alice, 'key', path, extension))).toBe(shown(plain))
    }
  })

  it('do not stand in for a credential: with a second one, the request is refused', async () => {
    for (const name of ['x-api-key', 'api-key', 'x-goog-api-key', 'proxy-authorization']) {
      for (const by of ['session', 'key'] as const) {
        for (const second of [world.alice.key, world.bob.key, 'x']) {
          const { status } = await world.as(world.alice, by, '/api/v1/me', { headers: { [name]: second } })
          expect(`${name} ${status}`).toBe(`${name} 400`)
        }
        expect((await world.asNobody('/api/v1/me', { headers: { [name]: world.alice.key } })).status).toBe(401)
      }
    }
  })
})

describe('a credential in the address', () => {
  it('is none, and beside a real one the request is refused', async () => {
    const { key } = world.alice
    for (const query of [
      `api_key=${key}`,
      'token=x',
      'access_token=x',
      `ticket=x`,
      `q=${key}`,
      'q=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbGljZSJ9.c2ln',
    ]) {
      for (const path of ['/api/v1/me', '/v1/models']) {
        expect([query, (await world.asNobody(`${path}?${query}`)).status]).toEqual([query, 401])
        expect([query, (await world.as(world.alice, 'key', `${path}?${query}`)).status]).toEqual([query, 400])
      }
    }
  })
})

describe('another name of the backend', () => {
  const answer = (hosts: string[], path = '/api/v1/me', authorization = `Bearer ${world.alice.key}`) =>
    rawAnswer(['GET', path, 'HTTP/1.1'].join(' '), [
      ...hosts.map((host) => `Host: ${host}`),
      `Authorization: ${authorization}`,
    ])

  it('is refused to a page that lets its own name lead here', async () => {
    for (const host of [
      'evil.test',
      'evil.test:80',
      '127.0.0.1.evil.test',
      'localhost.evil.test',
      'evil.test.',
      'EVIL.test',
    ]) {
      for (const path of ['/api/v1/me', '/v1/models', '/metrics', '/health', '/health/live', '/health/ready']) {
        expect([host, path, await answer([host], path)]).toEqual([host, path, 403])
      }
    }
  })

  it('is not needed by whoever is inside, by number or by name', async () => {
    const { host, port } = new URL(world.backend.url)
    for (const name of [
      host,
      `localhost:${port}`,
      '[::1]:8000',
      'backend:8000',
      'backend.railway.internal',
      '10.1.2.3',
    ]) {
      expect([name, await answer([name])]).toEqual([name, 200])
    }
  })

  it('is of no matter to what the web app has signed', async () => {
    const token = await world.web.person(world.alice, 'GET', '/api/v1/me')
    expect(await answer(['api.nitro.example'], '/api/v1/me', `Bearer ${token}`)).toBe(200)
  })

  it('cannot be said twice', async () => {
    const { host } = new URL(world.backend.url)
    expect(await answer([host, 'evil.test'])).toBe(400)
    expect(await answer(['evil.test', host])).toBe(400)
  })
})

describe('a body in several codings', () => {
  it('is refused, because a proxy may have believed another one', async () => {
    const head = ['Host: x', `Authorization: Bearer ${world.alice.key}`, 'Content-Type: application/json']
    const sent = (coding: string) =>
      rawAnswer(
        'POST /api/v1/conversations HTTP/1.1',
        [...head, `Transfer-Encoding: ${coding}`],
        '2\r\n{}\r\n0\r\n\r\n',
      )
    expect(await sent('chunked')).toBe(201)
    expect(await sent('identity, chunked')).toBe(400)
    expect(await sent('gzip, chunked')).toBe(400)
    expect(await sent('chunked, identity')).toBe(400)
  })
})

describe('an answer to what was not understood', () => {
  it('does not grow with what was sent', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`name-${at}`, at]))
    for (const body of [many, { messages: Array<object>(20_000).fill({ role: 'x' }) }]) {
      for (const path of ['/api/v1/conversations', '/v1/chat/completions']) {
        const { status, text } = await world.as(world.alice, 'key', path, posted(body))
        expect([path, status, text.length < 20_000]).toEqual([path, 400, true])
      }
    }
  })
})

/** The status of what is asked exactly so, without a client that puts it right. */
const rawAnswer = (line: string, headers: string[], body = ''): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.backend.url)
    const socket = connect(Number(port), hostname)
    let told = ''
    socket.on('data', (data) => (told += data.toString('latin1')))
    socket.on('error', reject).on('close', () => resolve(Number(told.split(' ')[1])))
    socket.write([line, ...headers, 'Connection: close', '', body].join('\r\n'))
  })

describe('somebody who guesses', () => {
  it('is stopped after five tries, whatever address the request says that it is from', async () => {
    const statuses: number[] = []
    for (let count = 0; count < 8; count++) {
      const address = `203.0.113.${count}`
      const headers = {
        'x-forwarded-for': address,
        'x-real-ip': address,
        'cf-connecting-ip': address,
        forwarded: `for=${address}`,
      }
      const wrong = posted({ email: 'erin@example.com', password: `a wrong password ${count}` })
      statuses.push((await world.asWeb('/api/v1/auth/sign-in', { ...wrong, headers })).status)
    }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401])
    expect(statuses.slice(5)).toEqual([429, 429, 429])
    const right = posted({ email: 'erin@example.com', password })
    expect((await world.asWeb('/api/v1/auth/sign-in', right)).status).toBe(429)
  })

  it('is told the same of a mail address that nobody has', async () => {
    const told = (email: string) => world.asWeb('/api/v1/auth/sign-in', posted({ email, password: 'a wrong password' }))
    expect(shown(await told('nobody@example.com'))).toBe(shown(await told('ben-nobody@example.com')))
    expect(shown(await told('nobody@example.com'))).toBe(shown(await told(world.ben.email)))
  })

  it('opens no account by writing its address in another way', async () => {
    const good = world.bob.email
    for (const email of [
      [good],
      [good, 'x@example.com'],
      { email: good },
      `${good},x@example.com`,
      `x@example.com,${good}`,
      `${good};x@example.com`,
      `"${good}"`,
      `<${good}>`,
      `Bob <${good}>`,
      `${good}\u0000`,
      `${good}\n`.replace('\n', '\u2028x'),
      good.replace('@', '＠'),
      good.replace('b', 'в'),
      `${good}.`,
      good.replace('@', '@\u200b'),
    ]) {
      const { status } = await world.asWeb('/api/v1/auth/sign-in', posted({ email, password }))
      expect([JSON.stringify(email), [400, 401, 429].includes(status)]).toEqual([JSON.stringify(email), true])
    }
  })
})

describe('a link of a letter that was never sent', () => {
  const never: unknown[] = [
    null,
    undefined,
    [],
    [null],
    {},
    { $ne: null },
    0,
    true,
    '',
    ' '.repeat(30),
    'null',
    'undefined',
    'undefined'.repeat(5),
    '0'.repeat(43),
    '%'.repeat(43),
    'a'.repeat(201),
    ['a'.repeat(43)],
    `${'a'.repeat(30)}\u0000`,
    `' OR '1'='1' -- ${'x'.repeat(20)}`,
  ]
  const doors: [path: string, more: object][] = [
    ['/api/v1/auth/reset-password', { password: 'another long enough phrase' }],
    ['/api/v1/auth/verify-email', {}],
    ['/api/v1/auth/invitation', {}],
  ]

  it.each(doors)('opens nothing at %s', async (path, more) => {
    // One that counts, so that "any" would find it.
    const lettersToBob = () => world.letters.filter(({ to }) => to === world.bob.email).length
    const earlier = lettersToBob()
    await world.asWeb('/api/v1/auth/forgot-password', posted({ email: world.bob.email }))
    await expect.poll(lettersToBob, { timeout: 10_000 }).toBe(earlier + 1)
    const before = await world.fingerprint(world.bob)
    for (const token of never) {
      const { status } = await world.asWeb(path, posted({ token, ...more }))
      expect([JSON.stringify(token), [400, 410, 429].includes(status)]).toEqual([JSON.stringify(token), true])
    }
    expect(await world.fingerprint(world.bob)).toEqual(before)
  })

  it('makes nobody a member', async () => {
    for (const token of never) {
      const { status } = await world.as(world.alice, 'session', '/api/v1/invitations/accept', posted({ token }))
      expect([JSON.stringify(token), [400, 410, 429].includes(status)]).toEqual([JSON.stringify(token), true])
    }
  })
})

describe('another spelling of an address that is not for everybody', () => {
  const guarded = [
    '/api/v1/operator/users',
    '/api/v1/audit',
    '/api/v1/workspace/members',
    '/v1/models',
    '/metrics',
    '/health',
  ]
  const spellings: Readonly<Record<string, (path: string) => string>> = {
    'a slash behind': (path) => `${path}/`,
    'two slashes before': (path) => `/${path}`,
    'two slashes within': (path) => path.replace(/(.)\//, '$1//'),
    'a dot segment': (path) => `/.${path}`,
    'a dot segment within': (path) => path.replace(/(\/\w+)$/, '/.$1'),
    'a way there and back': (path) => `/health/live/../..${path}`,
    'an encoded way there and back': (path) => `/health/live/%2e%2e/%2e%2e${path}`,
    'encoded twice': (path) => `/health/live/%252e%252e/%252e%252e${path}`,
    'an encoded slash': (path) => path.replace(/(.)\//, '$1%2f'),
    'an encoded letter': (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    'an encoded last letter': (path) => path.replace(/[a-z]$/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    capitals: (path) => path.toUpperCase(),
    'a capital': (path) => path.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    'a semicolon': (path) => `${path};x=/health/live`,
    'an ending': (path) => `${path}.json`,
    'a NUL': (path) => `${path}%00`,
    'a space': (path) => `${path}%20`,
    'a tab': (path) => `${path}%09`,
    'a question mark, encoded': (path) => `${path}%3f/health/live`,
    'a hash, encoded': (path) => `${path}%23/health/live`,
    backslashes: (path) => path.replaceAll('/', '\\'),
    'a whole address': (path) => `http://127.0.0.1${path}`,
    'an address of a host': (path) => `//127.0.0.1${path}`,
  }

  it('opens nothing without a credential, and nothing more with one', async () => {
    expect(Object.keys(spellings).length).toBeGreaterThanOrEqual(20)
    const found: string[] = []
    for (const path of guarded) {
      for (const [name, spell] of Object.entries(spellings)) {
        const spelled = spell(path)
        const anonymous = await overSocket(spelled)
        if (![400, 401, 404].includes(anonymous)) found.push(`${spelled} (${name}) by nobody: ${anonymous}`)
        if (spelled === path) continue
        const known = await overSocket(spelled, `Bearer ${world.carol.key}`)
        if (![400, 401, 403, 404].includes(known)) found.push(`${spelled} (${name}) by a viewer: ${known}`)
      }
    }
    expect(found).toEqual([])
  })

  /** As it is written here: fetch would tidy up its path first. */
  const overSocket = (path: string, authorization?: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(world.backend.url)
      const headers = { host: 'x', ...(authorization === undefined ? {} : { authorization }) }
      const outgoing = send({ host: hostname, port, path, headers, agent: false })
      outgoing.on('error', reject)
      outgoing.on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      outgoing.end()
    })
})
