import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CreateSource, Source } from '@nitroagi/shared/sources'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { createOutboundClient } from '../src/ports/outbound/undici.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

type Answer = string | ((request: IncomingMessage, response: ServerResponse) => void)

let backend: KnowledgeBackend
let call: Call
let server: Server
let site: string
let pages: Record<string, Answer>
let asked: string[]
let collections = 0
let collectionId: string

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!)
    const answer = pages[request.url!]
    if (answer === undefined) response.writeHead(404).end('nothing here')
    else if (typeof answer === 'function') answer(request, response)
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  site = `http://${host}`
  const connection = await openMemory()
  const outbound = createOutboundClient({ allowedPrivateHosts: [host] })
  backend = await openKnowledge(connection, createWordEmbedder(), undefined, outbound)
  call = await signUp(connection)
})
afterAll(async () => {
  await backend.close()
  server.closeAllConnections()
  server.close()
})
beforeEach(async () => {
  pages = {}
  asked = []
  collectionId = (await backend.collections.create(call, { name: `collection ${++collections}` })).id
})

const page = (title: string, body: string, head = '') =>
  `<!doctype html><html><head><title>${title}</title>${head}</head><body><main>${body}</main></body></html>`
const long = (words: string) => `<p>${`${words} `.repeat(20)}</p>`

async function add(kind: Source['kind'], path: string, settings: Partial<Source['settings']> = {}): Promise<Source> {
  const wanted: CreateSource = {
    kind,
    url: site + path,
    scheduleHours: null,
    settings: { maxPages: 100, maxDepth: 5, maxEntries: 50, fullPages: false, ...settings },
  }
  return fetched((await backend.sources.create(call, collectionId, wanted)).id)
}

/** The source once its fetch has ended, however it did. */
async function fetched(id: string): Promise<Source> {
  for (;;) {
    const source = await backend.sources.find(call, id)
    if (source.status !== 'waiting' && source.status !== 'fetching') return source
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

async function again(id: string): Promise<Source> {
  asked = []
  await backend.sources.fetchNow(call, id)
  return fetched(id)
}

async function documents() {
  const { items } = await backend.documents.list(call, { collectionId, limit: 200 })
  return items.toSorted((a, b) => (a.externalId ?? '').localeCompare(b.externalId ?? ''))
}
const names = async () => (await documents()).map(({ name }) => name)
const reasons = async (id: string) =>
  Object.fromEntries(
    (await backend.sources.pages(call, id, { limit: 200 })).items.map(({ url, state, reason }) => [
      url.slice(site.length),
      reason === null ? state : `${state}: ${reason}`,
    ]),
  )

describe('a page', () => {
  it('becomes a document that can be searched, with the title and the address it came from', async () => {
    pages['/a'] = page('The lighthouse', long('Mirabel keeps the lighthouse.'))
    const source = await add('url', '/a#top')
    expect(source).toMatchObject({
      status: 'ready',
      name: 'The lighthouse',
      url: `${site}/a`,
      documentCount: 1,
      counters: { found: 1, done: 1, added: 1, failed: 0 },
      error: null,
    })
    const [document] = await documents()
    expect(document).toMatchObject({ name: 'The lighthouse', sourceUrl: `${site}/a`, mediaType: 'text/html' })
    expect((await backend.settled(call, document!.id)).status).toBe('ready')
    const { hits } = await backend.search.search(call, {
      query: 'Who keeps the lighthouse?',
      collectionIds: [collectionId],
    })
    expect(hits[0]).toMatchObject({ documentId: document!.id })
  })

  it('is not fetched anew when the server says that it is the same', async () => {
    let bodies = 0
    pages['/etag'] = (request, response) => {
      if (request.headers['if-none-match'] === '"one"') response.writeHead(304).end()
      else {
        bodies++
        response.writeHead(200, { 'content-type': 'text/html', etag: '"one"' }).end(page('Same', long('always')))
      }
    }
    const source = await add('url', '/etag')
    expect(await again(source.id)).toMatchObject({ status: 'ready', counters: { unchanged: 1, added: 0 } })
    expect(bodies).toBe(1)
  })

  it('makes a new version when its text changes, and none when only an advertisement does', async () => {
    const shown = (ad: string, text: string) =>
      page('News', `<article>${long(text)}</article><div class="ad banner">${ad}</div>`)
    pages['/news'] = shown('Buy soap', 'The bridge is open.')
    const source = await add('url', '/news')
    const [before] = await documents()
    await backend.settled(call, before!.id)
    pages['/news'] = shown('Buy tea', 'The bridge is open.')
    expect((await again(source.id)).counters).toMatchObject({ unchanged: 1, changed: 0 })
    pages['/news'] = shown('Buy tea', 'The bridge is closed for repairs.')
    expect((await again(source.id)).counters).toMatchObject({ unchanged: 0, changed: 1 })
    const after = await documents()
    expect(after).toHaveLength(1)
    expect(after[0]!.id).toBe(before!.id)
    await backend.settled(call, before!.id)
    expect((await backend.documents.page(call, before!.id, 1)).text).toContain('closed for repairs')
  })

  it('is known by its bytes, whatever the server calls it', async () => {
    pages['/paper'] = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/octet-stream' })
        .end('# Heading\n\n- one\n- two\n\nText.\n')
    await add('url', '/paper')
    expect(await documents()).toMatchObject([{ mediaType: 'text/markdown', name: 'paper' }])
  })

  it('in an encoding that only the HTTP header tells is read right', async () => {
    pages['/latin'] = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=iso-8859-2' })
        .end(Buffer.from([...Buffer.from('<html><body><p>'), 0xb1, 0xe6, 0xea, ...Buffer.from('</p></body></html>')]))
    await add('url', '/latin')
    const [document] = await documents()
    await backend.settled(call, document!.id)
    expect((await backend.documents.page(call, document!.id, 1)).text).toContain('ąćę')
  })

  it.each<[string, Answer | undefined, string, RegExp]>([
    ['is not there', undefined, 'fetch_failed', /status 404/],
    ['is not for us', (_, response) => response.writeHead(403).end(), 'fetch_failed', /does not let NitroAGI/],
    [
      'is a film',
      (_, r) => r.writeHead(200, { 'content-type': 'video/mp4' }).end('x'),
      'document_unsupported',
      /video/,
    ],
    ['leads inside', (_, r) => r.writeHead(302, { location: 'http://10.0.0.1/' }).end(), 'address_refused', /public/],
    ['is empty', (_, response) => response.end(), 'document_corrupt', /empty/],
  ])('that %s says why', async (_, answer, code, message) => {
    if (answer) pages['/bad.html'] = answer
    const source = await add('url', '/bad.html')
    expect(source).toMatchObject({ status: 'failed', error: { code, message: expect.stringMatching(message) } })
    expect(await documents()).toEqual([])
  })

  it('that fails is tried again later by itself, and rests after eight failures in a row', async () => {
    const source = await add('url', '/gone')
    expect(source.nextFetchAt).not.toBeNull()
    await backend.sources.change(call, source.id, { scheduleHours: 1 })
    for (let failures = 2; failures < 8; failures++) expect((await again(source.id)).status).toBe('failed')
    expect(await again(source.id)).toMatchObject({
      status: 'paused',
      nextFetchAt: null,
      error: { message: expect.stringContaining('8 failures in a row') },
    })
    await expect(backend.sources.fetchNow(call, source.id)).rejects.toMatchObject({ code: 'conflict' })
    pages['/gone'] = page('Back', long('again'))
    await backend.sources.change(call, source.id, { paused: false })
    expect(await fetched(source.id)).toMatchObject({ status: 'ready', error: null })
  })

  it.each([
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'http://[::ffff:a9fe:a9fe]/',
    'http://x:y@example.com/',
    'words',
  ])('inside, or nowhere, is refused at once: %s', async (url) => {
    const wanted = { kind: 'url', url, scheduleHours: null, settings: {} } as unknown as CreateSource
    await expect(backend.sources.create(call, collectionId, wanted)).rejects.toMatchObject({ code: 'address_refused' })
  })
})

describe('a site', () => {
  it('is walked by its links and its sitemap, and nothing beside it is', async () => {
    pages['/docs/'] = page(
      'Docs',
      `${long('start')}<a href="one?utm_source=x#a">1</a><a href="one">1</a><a href="/elsewhere">no</a>
       <a href="http://10.0.0.1/docs/">no</a><a href="mailto:a@b">no</a><a href="picture.png">no</a>
       <a rel="nofollow" href="unlinked">no</a>`,
    )
    pages['/docs/one'] = page('One', `${long('first')}<a href="two">2</a>`)
    pages['/docs/two'] = page('Two', long('second'))
    pages['/docs/listed'] = page('Listed', long('third'))
    pages['/elsewhere'] = page('Elsewhere', long('no'))
    pages['/sitemap.xml'] = `<?xml version="1.0"?><urlset><url><loc>${site}/docs/listed</loc></url>
      <url><loc>${site}/elsewhere</loc></url></urlset>`
    const source = await add('site', '/docs/')
    expect(source).toMatchObject({ status: 'ready', name: 'Docs', documentCount: 4, notice: null })
    expect(await names()).toEqual(['Docs', 'Listed', 'One', 'Two'])
    expect(asked.filter((path) => path === '/docs/one')).toHaveLength(1)
    expect(asked).not.toContain('/elsewhere')
  })

  it('is read as its robots.txt, its robots tags and its canonical links want it', async () => {
    pages['/robots.txt'] = 'User-agent: *\nDisallow: /private\nSitemap: /map.xml\nSitemap: ::nowhere\n'
    pages['/map.xml'] = `<urlset><url><loc>${site}/mapped</loc></url></urlset>`
    pages['/mapped'] = page('Mapped', long('mapped'))
    pages['/'] = page(
      'Home',
      `${long('home')}<a href="/private/x">x</a><a href="/noindex">n</a><a href="/nofollow">f</a><a href="/copy">c</a><a href="/header">h</a>`,
    )
    pages['/private/x'] = page('Private', long('no'))
    pages['/noindex'] = page(
      'No index',
      `${long('no')}<a href="/behind">b</a>`,
      '<meta name="robots" content="noindex">',
    )
    pages['/behind'] = page('Behind', long('behind'))
    pages['/nofollow'] = page(
      'No follow',
      `${long('yes')}<a href="/hidden">h</a>`,
      '<meta name="robots" content="nofollow">',
    )
    pages['/hidden'] = page('Hidden', long('no'))
    pages['/copy'] = page('Copy', long('original'), '<link rel="canonical" href="/original">')
    pages['/original'] = page('Original', long('original'), '<link rel="canonical" href="/original">')
    pages['/header'] = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'x-robots-tag': 'noindex' })
        .end(page('Header', long('no')))
    const source = await add('site', '/')
    expect(source).toMatchObject({ status: 'ready', error: null })
    expect(await names()).toEqual(['Home', 'Behind', 'Mapped', 'No follow', 'Copy'])
    expect((await documents()).find(({ name }) => name === 'Copy')?.externalId).toBe(`${site}/original`)
    expect(asked).not.toContain('/private/x')
    expect(asked).not.toContain('/hidden')
    expect(await reasons(source.id)).toMatchObject({
      '/private/x': expect.stringContaining('robots.txt'),
      '/noindex': expect.stringContaining('noindex'),
      '/copy': expect.stringContaining('The same page as'),
      '/original': 'done',
    })
  })

  it('that does not want to be read is not, and neither is one whose robots.txt is out of order', async () => {
    pages['/'] = page('Home', long('home'))
    pages['/robots.txt'] = 'User-agent: NitroAGI\nDisallow: /\n'
    expect(await add('site', '/')).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('robots.txt') },
    })
    pages['/robots.txt'] = (_, response) => response.writeHead(503).end()
    expect(await add('site', '/other')).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('503') },
    })
    expect(asked.filter((path) => path !== '/robots.txt')).toEqual([])
  })

  it('stops at its limits and says so, and a calendar without end ends', async () => {
    pages['/'] = page('Calendar', `${long('start')}<a href="/day?d=1">next</a><a href="/a/a/a/a/a">a</a>`)
    for (let day = 1; day < 200; day++) {
      pages[`/day?d=${day}`] = page(`Day ${day}`, `${long(`day ${day}`)}<a href="/day?d=${day + 1}">next</a>`)
    }
    const shallow = await add('site', '/', { maxDepth: 2 })
    expect(shallow).toMatchObject({ status: 'ready', documentCount: 3 })
    await backend.sources.change(call, shallow.id, { settings: { maxDepth: 20, maxPages: 6 } })
    expect(await again(shallow.id)).toMatchObject({
      notice: expect.stringContaining('Stopped at 6 pages'),
      documentCount: 6,
    })
    await backend.sources.change(call, shallow.id, { settings: { maxPages: 100 } })
    expect((await again(shallow.id)).documentCount).toBeLessThan(40)
  })

  it('loses a page that is gone twice, keeps one that comes back, and fails as a whole without its first', async () => {
    pages['/'] = page('Home', `${long('home')}<a href="/stays">s</a><a href="/goes">g</a><a href="/flickers">f</a>`)
    pages['/stays'] = page('Stays', long('stays'))
    pages['/goes'] = page('Goes', long('goes'))
    pages['/flickers'] = page('Flickers', long('flickers'))
    const source = await add('site', '/')
    const flickers = pages['/flickers']
    delete pages['/goes']
    delete pages['/flickers']
    expect(await again(source.id)).toMatchObject({ documentCount: 4, counters: { failed: 2, unchanged: 2 } })
    pages['/flickers'] = flickers
    expect(await again(source.id)).toMatchObject({ documentCount: 3, counters: { removed: 1, unchanged: 3 } })
    expect(await names()).toEqual(['Home', 'Flickers', 'Stays'])
    delete pages['/']
    expect(await again(source.id)).toMatchObject({ status: 'failed', documentCount: 3 })
  })

  it('goes on where it was cut, without asking for a page twice', async () => {
    const many = Array.from({ length: 12 }, (_, at) => `/p${at}`)
    pages['/'] = page('Home', long('home') + many.map((path) => `<a href="${path}">p</a>`).join(''))
    for (const path of many) pages[path] = page(path, long(path))
    const reached = Promise.withResolvers<void>()
    pages['/p5'] = (_, response) => {
      reached.resolve()
      setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end(page('/p5', long('/p5'))), 100)
    }
    const { id } = await backend.sources.create(call, collectionId, {
      kind: 'site',
      url: `${site}/`,
      scheduleHours: null,
      settings: { maxPages: 100, maxDepth: 5, maxEntries: 50, fullPages: false },
    })
    await reached.promise
    await backend.sources.change(call, id, { paused: true })
    expect((await backend.sources.find(call, id)).status).toBe('paused')
    await new Promise((resolve) => setTimeout(resolve, 300))
    await backend.sources.change(call, id, { paused: false })
    expect(await fetched(id)).toMatchObject({ status: 'ready', documentCount: 13 })
    const times = new Map<string, number>()
    for (const path of asked) times.set(path, (times.get(path) ?? 0) + 1)
    for (const path of ['/', ...many]) expect([path, times.get(path)]).toEqual([path, 1])
  })
})

describe('a feed', () => {
  const rss = (items: string) =>
    `<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour news</title><link>${site}</link>${items}</channel></rss>`
  const item = (id: number, text: string, day = id) =>
    `<item><title>Entry ${id}</title><link>${site}/entry/${id}</link><guid isPermaLink="false">e${id}</guid>
     <pubDate>${new Date(Date.UTC(2025, 0, day)).toUTCString()}</pubDate><description>&lt;p&gt;${text}&lt;/p&gt;</description></item>`

  it('in RSS: each entry is a document with its date, and an entry that is written anew a new version', async () => {
    pages['/rss'] = rss(item(1, 'The ferry sails.') + item(2, 'The pier is closed.'))
    const source = await add('feed', '/rss')
    expect(source).toMatchObject({ status: 'ready', name: 'Harbour news', documentCount: 2, counters: { added: 2 } })
    expect(await documents()).toMatchObject([
      { name: 'Entry 1', documentDate: '2025-01-01T00:00:00.000Z', sourceUrl: `${site}/entry/1` },
      { name: 'Entry 2', documentDate: '2025-01-02T00:00:00.000Z' },
    ])
    pages['/rss'] = rss(item(2, 'The pier is open again.') + item(3, 'Fog.'))
    expect((await again(source.id)).counters).toMatchObject({ added: 1, changed: 1, unchanged: 0 })
    expect(await names()).toEqual(['Entry 1', 'Entry 2', 'Entry 3'])
  })

  it('in Atom and as JSON Feed', async () => {
    pages['/atom'] =
      `<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title><entry><id>urn:one</id><title>From atom</title>
       <link href="/x"/><updated>2025-03-01T10:00:00Z</updated><content type="html">&lt;p&gt;Words&lt;/p&gt;</content></entry></feed>`
    pages['/json'] = JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'JSON',
      items: [
        {
          id: 'j',
          url: `${site}/j`,
          title: 'From JSON',
          content_text: 'a < b',
          date_published: '2025-04-01T00:00:00Z',
        },
      ],
    })
    expect(await add('feed', '/atom')).toMatchObject({ status: 'ready', name: 'Atom', documentCount: 1 })
    expect(await add('feed', '/json')).toMatchObject({ status: 'ready', name: 'JSON', documentCount: 1 })
    expect((await names()).toSorted()).toEqual(['From JSON', 'From atom'])
    const json = (await documents()).find(({ name }) => name === 'From JSON')!
    await backend.settled(call, json.id)
    expect((await backend.documents.page(call, json.id, 1)).text).toContain('a < b')
  })

  it('gives its newest entries only, and the pages behind them when that is wanted', async () => {
    pages['/rss'] = rss([1, 2, 3, 4].map((id) => item(id, 'short')).join(''))
    for (const id of [3, 4]) pages[`/entry/${id}`] = page(`Whole ${id}`, long(`The whole story ${id}.`))
    const source = await add('feed', '/rss', { maxEntries: 2, fullPages: true })
    expect(source).toMatchObject({ documentCount: 2, notice: expect.stringContaining('2 older') })
    expect(await names()).toEqual(['Entry 3', 'Entry 4'])
    const [document] = await documents()
    await backend.settled(call, document!.id)
    expect((await backend.documents.page(call, document!.id, 1)).text).toContain('The whole story 3.')
  })

  it('that is none says so', async () => {
    pages['/rss'] = page('A page', long('no feed'))
    expect(await add('feed', '/rss')).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('no feed') },
    })
  })
})

describe('whose sources they are', () => {
  it('strangers see none, readers change none, and editors do', async () => {
    pages['/a'] = page('A', long('a'))
    const { id } = await add('url', '/a')
    const stranger = await signUp(backend.connection)
    const missing = { code: 'not_found' }
    await expect(backend.sources.find(stranger, id)).rejects.toMatchObject(missing)
    await expect(backend.sources.pages(stranger, id, { limit: 10 })).rejects.toMatchObject(missing)
    await expect(backend.sources.list(stranger, collectionId)).rejects.toMatchObject(missing)
    await expect(backend.sources.delete(stranger, id, { documents: 'delete' })).rejects.toMatchObject(missing)
    const reader = {
      ...stranger,
      actor: { ...stranger.actor, workspaceId: call.actor.workspaceId, role: 'viewer' as const },
    }
    expect((await backend.sources.find(reader, id)).id).toBe(id)
    await expect(backend.sources.fetchNow(reader, id)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(backend.sources.change(reader, id, { paused: true })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(backend.sources.addText(reader, collectionId, { title: 't', text: 't' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('the same one is taken once, and goes with or without its documents', async () => {
    pages['/a'] = page('A', long('a'))
    pages['/b'] = page('B', long('b'))
    const [a, b] = [await add('url', '/a'), await add('url', '/b')]
    await expect(add('url', '/a?utm_source=x')).rejects.toMatchObject({ code: 'conflict' })
    await backend.sources.delete(call, a.id, { documents: 'keep' })
    await backend.sources.delete(call, b.id, { documents: 'delete' })
    expect(await names()).toEqual(['A'])
    expect(await backend.sources.list(call, collectionId)).toEqual([])
  })
})

it('takes a pasted text as a document, once, and as text whatever it looks like', async () => {
  const note = { title: 'My note', text: '{"id":"1","text":"Not an import."}' }
  const { documents: taken, created } = await backend.sources.addText(call, collectionId, note)
  expect(created).toBe(true)
  expect(taken[0]).toMatchObject({ name: 'My note', mediaType: 'text/plain' })
  expect((await backend.settled(call, taken[0]!.id)).status).toBe('ready')
  expect((await backend.sources.addText(call, collectionId, note)).created).toBe(false)
  const list = { title: 'List', text: '# Things\n\n- one\n- two\n' }
  expect((await backend.sources.addText(call, collectionId, list)).documents[0]).toMatchObject({
    mediaType: 'text/markdown',
  })
})
