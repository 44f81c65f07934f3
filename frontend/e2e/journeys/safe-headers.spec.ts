import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtPages, builtRoutes, privatePages } from '../built-pages.ts'
import { startCachingProxy } from '../caching-proxy.ts'
import { expect, testOnOneApp } from '../one-app.ts'
import { fourPages } from '../pages/knowledge-page.ts'
import { owner } from '../pages/sign-up-page.ts'
import { root } from '../running-app.ts'
import { unkeyedHeaders } from '../spellings.ts'
import { createVisitor, type Answer, type Asked, type Visitor } from '../visitor.ts'

// As behind a host that speaks https for it.
const site = 'https://ours.example'
const test = testOnOneApp(() => ({}), { NEXTAUTH_URL: site })

const noId = '01890000-0000-7000-8000-000000000000'
const addressOf = (route: string): string => route.replace(/\[\.\.\.[^\]]+\]/, 'nothing').replace('[id]', noId)

const builtFile = (path: string) => join(root, 'frontend/.next', path.replace('/_next/', ''))

const staticFiles = () =>
  readdirSync(join(root, 'frontend/.next/static'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `/_next${join(parentPath, name).slice(join(root, 'frontend/.next').length)}`)

const oddAddresses = [
  '/nothing/here',
  '/%',
  '/%00',
  '/chat/not-an-id',
  '/icon.svg',
  '/favicon.ico',
  '/robots.txt',
  '/.env',
  '/_next',
  '/_next/static/nothing.js',
  '/_next/data/nothing/chat.json',
  '/_next/image?url=%2Ficon.svg&w=64&q=75',
  '/api',
  '/api/nothing',
  '/api/auth/session',
  '/api/auth/csrf',
  '/api/auth/providers',
  '/api/auth/signin',
  '/api/auth/signout',
  '/api/auth/error?error=Configuration',
  '/api/auth/callback/credentials',
  '/api/backend/me',
  '/api/backend/conversations?limit=no-number',
  `/api/backend/conversations/${noId}`,
  `/api/backend/documents/${noId}/content`,
]

/** What a browser is not told by an answer, in words. */
function missingIn({ headers }: Answer): string[] {
  const policy = String(headers['content-security-policy'])
  const directive = (name: string) => new RegExp(`(^|; )${name} ([^;]*)`).exec(policy)?.[2]
  const isPage = directive('default-src') === "'self'"
  const checks: [string, boolean][] = [
    ['says what it is', headers['x-content-type-options'] === 'nosniff'],
    ['may be in no frame', directive('frame-ancestors') === "'none'" && headers['x-frame-options'] === 'DENY'],
    ['says little of where one comes from', /^(no-referrer|strict-origin.*)$/.test(String(headers['referrer-policy']))],
    ['is for https alone', /^max-age=31536000/.test(String(headers['strict-transport-security']))],
    ['does not say what runs here', !headers['x-powered-by'] && !headers.server],
    ['lets no other site read it', headers['access-control-allow-origin'] === undefined],
    ['loads nothing, or ours alone', isPage || directive('default-src') === "'none'"],
    [
      'has scripts by nonce alone',
      !isPage || /^'self' 'nonce-\w+' 'strict-dynamic'$/.test(directive('script-src') ?? ''),
    ],
    [
      'has no plugins, no other base',
      !isPage || (directive('object-src') === "'none'" && directive('base-uri') === "'none'"),
    ],
    ['keeps its window to itself', !isPage || headers['cross-origin-opener-policy'] === 'same-origin'],
    ['sets cookies that scripts and http do not see', [headers['set-cookie'] ?? []].flat().every(isSafeCookie)],
  ]
  return checks.filter(([, holds]) => !holds).map(([words]) => words)
}

const isSafeCookie = (cookie: string): boolean =>
  /^__(Secure|Host)-/.test(cookie) &&
  /; HttpOnly/i.test(cookie) &&
  /; Secure/i.test(cookie) &&
  /SameSite=Lax/i.test(cookie)

/** Next's own answer to a path that is not spelled as it spells it: nothing but the way to the other spelling. */
const isRespelling = ({ status, headers, body }: Answer, path: string): boolean =>
  status === 308 &&
  body === headers.location &&
  [path.replace(/^\/+/, '/'), path.replace(/(.)\/$/, '$1')].includes(body)

async function expectSafe(visitor: Visitor, path: string, asked: Asked = {}): Promise<Answer> {
  const answer = await visitor.ask(path, asked)
  const what = `${asked.method ?? 'GET'} ${path}, ${answer.status}`
  expect.soft(missingIn(answer), what).toEqual([])
  expect.soft(answer.status, what).toBeLessThan(500)
  return answer
}

test('every answer of the web app tells browsers what they may do with it', async ({ app }) => {
  const [ada, nobody] = [createVisitor(app.url, site), createVisitor(app.url, site)]

  await test.step('to somebody who is not signed in', async () => {
    for (const path of [...builtPages, ...builtRoutes].map(addressOf)) await expectSafe(nobody, path)
    for (const path of oddAddresses) await expectSafe(nobody, path)
    for (const path of builtRoutes.map(addressOf)) {
      const json = { 'content-type': 'application/json' }
      for (const headers of [json, { ...json, origin: site }, { ...json, origin: 'https://evil.example' }]) {
        await expectSafe(nobody, path, { method: 'POST', headers, body: '{}' })
      }
      await expectSafe(nobody, path, { method: 'OPTIONS' })
    }
    for (const path of ['/chat', '/_next/static/nothing.js', '/api/backend/me']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) await expectSafe(nobody, path, { method })
    }
  })

  await test.step('with each of its files', async () => {
    const files = staticFiles()
    expect(files.length).toBeGreaterThan(10)
    for (const path of files) expect.soft((await expectSafe(nobody, path)).status, path).toBe(200)
  })

  await test.step('with nothing in them of the secrets that were there when it was built', async () => {
    const told = staticFiles().filter((path) =>
      /secret-at-build|PRIVATE KEY/.test(readFileSync(builtFile(path), 'utf8')),
    )
    expect(told).toEqual([])
    expect(staticFiles().filter((path) => path.endsWith('.map'))).toEqual([])
  })

  await test.step('when it says how an address is spelled, which it does without anything else', async () => {
    for (const path of ['/chat/', '//chat', '//evil.example/', '/settings/keys/']) {
      expect.soft(isRespelling(await nobody.ask(path), path), path).toBe(true)
    }
  })

  await ada.signUp(owner)
  await ada.signIn(owner)
  const collection = await ada.call<{ id: string }>('POST', '/collections', { name: 'Papers' })
  await test.step('to somebody who is, and then it is kept nowhere', async () => {
    const paths = [...privatePages.map(addressOf), '/api/auth/session', '/api/auth/signout', '/api/backend/me']
    for (const path of [...paths, '/api/backend/collections', '/api/backend/audit/export', '/nothing/here']) {
      const { headers } = await expectSafe(ada, path)
      expect.soft(headers['cache-control'], path).toMatch(/private.*no-store/)
    }
  })

  await test.step('with a document, which is data to be saved, whatever is in it', async () => {
    const page = new TextEncoder().encode('<!doctype html><title>A page</title><script>window.__xss = 1</script>')
    const files: [string, Uint8Array<ArrayBuffer>][] = [
      ['page.html', page],
      ['four-pages.pdf', new Uint8Array(readFileSync(fourPages))],
    ]
    for (const [name, bytes] of files) {
      const id = await ada.upload({ collectionId: collection.id }, name, bytes)
      const { headers, status } = await expectSafe(ada, `/api/backend/documents/${id}/content`)
      expect.soft(status, name).toBe(200)
      expect.soft(headers['content-type'], name).toBe('application/octet-stream')
      expect.soft(headers['content-disposition'], name).toMatch(/^attachment; /)
      expect.soft(headers['content-security-policy'], name).toMatch(/default-src 'none'.*sandbox/)
    }
  })

  await test.step('with a picture in a message, which is shown and can do nothing', async () => {
    const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII='
    const id = await ada.upload('message', 'pixel.png', new Uint8Array(Buffer.from(pixel, 'base64')))
    const { headers, status } = await expectSafe(ada, `/api/backend/attachments/${id}`)
    expect([status, headers['content-type']]).toEqual([200, 'image/png'])
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/)
  })
})

test('no header of one visitor changes what a machine in between keeps for the next', async ({ app }) => {
  const proxy = await startCachingProxy(app.url)
  const through = createVisitor(proxy.url, site)
  const direct = createVisitor(app.url, site)
  const addresses = [
    ...builtPages.map(addressOf),
    ...oddAddresses.filter((path) => !path.includes('?')),
    ...staticFiles().slice(0, 4),
    '/chat/',
    '//chat',
  ]
  /** All that a machine could keep, without what is new each time. */
  const essence = ({ status, headers, body }: Answer) => {
    const { date: _date, 'x-cache': _cache, 'content-length': _length, connection: _connection, ...rest } = headers
    const { 'transfer-encoding': _encoding, 'keep-alive': _alive, ...told } = rest
    return { status, told, body }
  }
  let [tries, kept] = [0, 0]
  for (const address of addresses) {
    for (const [index, headers] of unkeyedHeaders(address).entries()) {
      const path = `${address}?visit=${index}`
      const first = await through.ask(path, { headers })
      tries++
      if (first.headers['x-cache'] === 'PASS') continue
      kept++
      const second = await through.ask(path)
      const what = `${path} after ${JSON.stringify(headers)}`
      expect.soft(second.headers['x-cache'], what).toBe('HIT')
      expect.soft(essence(second), what).toEqual(essence(await direct.ask(path)))
    }
  }
  // Otherwise nothing would have been tried.
  expect(kept).toBeGreaterThan(100)
  expect(tries).toBeGreaterThan(1_000)
  await proxy.close()
})
