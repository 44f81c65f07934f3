import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { buildConnector } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isPublicAddress } from './address-rules.ts'
import { openOutboundClient } from './open.ts'
import type { OutboundRequest } from './port.ts'
import { createOutboundClient } from './undici.ts'

let server: Server
let host: string
let connections: number
let seen: IncomingMessage[]
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeEach(async () => {
  connections = 0
  seen = []
  answer = (_, response) => response.end('hello')
  server = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

type Names = Record<string, string[]>
const clientFor = (allowedPrivateHosts: string[] = [host], names: Names = {}, connect?: buildConnector.connector) =>
  createOutboundClient({
    allowedPrivateHosts,
    resolve: async (name) => {
      const found = names[name]
      if (!found) throw new Error(`no such name: ${name}`)
      return found
    },
    ...(connect ? { connect } : {}),
  })
const request = (more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  signal: new AbortController().signal,
  maxBytes: 1024 * 1024,
  ...more,
})
const read = async (url: string, more: Partial<OutboundRequest> = {}, client = clientFor()) =>
  text((await client.open(url, request(more))).body)

describe('what is not fetched', () => {
  const port = () => Number(host.split(':')[1])
  const addresses = [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://127.0.1/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://2130706433/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://127.0.0.1\\@example.com/',
    'http://example.com@127.0.0.1/',
    'http://user:word@example.com/',
    'http://\t127.0.0.1/',
    'http://127.0.0\n.1/',
    'http://%31%32%37.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST/',
    'http://127.0.0.1.nip.test/',
    'http://0.0.0.0/',
    'http://0/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.test/',
    'http://192.0.2.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://168.63.129.16/metadata',
    'http://[2001:4860::5efe:7f00:1]/',
    'http://[2001:4860::200:5efe:a9fe:a9fe]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://[4000::1]/',
    'https://mixed.test/',
    'https://mapped.test/',
    'http://93.184.215.14:22/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'ws://127.0.0.1/',
    'data:text/html,hello',
    'javascript:alert(1)',
    'http://',
    'nonsense',
  ]
  const names: Names = {
    localhost: ['127.0.0.1', '::1'],
    'localhost.': ['127.0.0.1'],
    '127.0.0.1.nip.test': ['127.0.0.1'],
    'metadata.test': ['169.254.169.254'],
    // One of them is public: the other is what an attacker hopes for.
    'mixed.test': ['93.184.215.14', '10.0.0.7'],
    'mapped.test': ['::ffff:10.0.0.7'],
  }

  it.each(addresses)('%j', async (address) => {
    const connects: string[] = []
    const client = clientFor([], names, ({ hostname }) => connects.push(hostname))
    await expect(client.open(address, request())).rejects.toMatchObject({ code: 'address_refused' })
    // The same place with the port that somebody listens on here.
    const withPort = URL.parse(address)
    if (withPort) withPort.port = String(port())
    await expect(client.open(withPort?.href ?? address, request())).rejects.toMatchObject({ code: 'address_refused' })
    expect(connects).toEqual([])
    expect(connections).toBe(0)
  })

  it.each([301, 302, 303, 307, 308])('the inside that a public page leads to with %i', async (status) => {
    answer = (_, response) => response.writeHead(status, { location: 'http://169.254.169.254/latest/' }).end()
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'address_refused' })
    answer = (_, response) => response.writeHead(status, { location: '//inside.test/' }).end()
    const client = clientFor([host], { 'inside.test': ['192.168.0.9'] })
    await expect(read(`http://${host}/`, {}, client)).rejects.toMatchObject({ code: 'address_refused' })
    answer = (_, response) => response.writeHead(status, { location: 'file:///etc/passwd' }).end()
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'address_refused' })
  })

  it('a page whose Refresh header points inside: it is not followed', async () => {
    answer = (_, response) => response.writeHead(200, { refresh: '0; url=http://127.0.0.1/' }).end('stay')
    expect(await read(`http://${host}/`)).toBe('stay')
  })

  it('a name that changes what it stands for between the look and the call', async () => {
    const answers = [['93.184.215.14'], ['127.0.0.1']]
    const asked: string[] = []
    const client = createOutboundClient({
      allowedPrivateHosts: [],
      resolve: async () => answers.shift() ?? ['127.0.0.1'],
      connect: ({ hostname, servername }, callback) => {
        asked.push(`${hostname} as ${servername}`)
        callback(new Error('not reached in a test'), null)
      },
    })
    await expect(client.open('https://flip.test/', request())).rejects.toMatchObject({ code: 'fetch_failed' })
    expect(asked).toEqual(['93.184.215.14 as flip.test'])
    await expect(client.open('https://flip.test/', request())).rejects.toMatchObject({ code: 'address_refused' })
    expect(asked).toHaveLength(1)
  })
})

describe('a name', () => {
  const ask = (resolve: () => Promise<string[]>, signal = new AbortController().signal) =>
    createOutboundClient({ allowedPrivateHosts: [], resolve }).check('https://pages.test/', signal)

  it('that stands for nothing, or cannot be looked up, is no place to go to', async () => {
    await expect(ask(async () => [])).rejects.toMatchObject({
      code: 'fetch_failed',
      message: 'There is no host pages.test',
    })
    const failing = ask(async () => Promise.reject(new Error('SERVFAIL')))
    await expect(failing).rejects.toMatchObject({ code: 'fetch_failed', message: /pages\.test.* cannot be looked up/ })
  })

  it('is refused for any address of it that is inside, and taken when all are public', async () => {
    await expect(ask(async () => ['93.184.215.14', '2606:4700::6810:84e5'])).resolves.toBeUndefined()
    await expect(ask(async () => ['93.184.215.14', '::1'])).rejects.toMatchObject({ code: 'address_refused' })
    await expect(ask(async () => ['fc00::1', '93.184.215.14'])).rejects.toMatchObject({ code: 'address_refused' })
  })

  it('is not waited for by whoever has left, before or during the look', async () => {
    const never = () => new Promise<string[]>(() => {})
    await expect(ask(never, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    const leaving = new AbortController()
    const asked = ask(never, leaving.signal)
    leaving.abort(new Error('left'))
    await expect(asked).rejects.toThrow('left')
  })

  it('is looked up by the machine itself where no test says otherwise, and this machine is not the web', async () => {
    const client = openOutboundClient({ allowedPrivateHosts: [] })
    const port = host.split(':')[1]
    const allowing = openOutboundClient({ allowedPrivateHosts: [`localhost:${port}`] })
    const { signal } = new AbortController()
    await expect(client.check('http://localhost/', signal)).rejects.toMatchObject({ code: 'address_refused' })
    await expect(client.open('http://localhost/', request())).rejects.toMatchObject({ code: 'address_refused' })
    await expect(allowing.check(`http://localhost:${port}/`, signal)).resolves.toBeUndefined()
    await expect(allowing.check('http://localhost/', signal)).rejects.toMatchObject({ code: 'address_refused' })
    expect(await read(`http://localhost:${port}/`, {}, allowing)).toBe('hello')
    expect(connections).toBe(1)
  })
})

it.each([
  ['93.184.215.14', true],
  ['2606:4700::6810:84e5', true],
  ['::ffff:93.184.215.14', true],
  ['not an address', false],
])('%s is public: %s', (address, expected) => expect(isPublicAddress(address)).toBe(expected))

describe('what is fetched', () => {
  it('a page, as NitroAGI, without cookies, from the address that was checked and by its name', async () => {
    const port = host.split(':')[1]
    const client = clientFor([`pages.test:${port}`], { 'pages.test': ['127.0.0.1'] })
    expect(await read(`http://pages.test:${port}/a?b=c#d`, {}, client)).toBe('hello')
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/a?b=c' })
    expect(seen[0]!.headers).toMatchObject({ host: `pages.test:${port}`, 'user-agent': 'NitroAGI/1.0' })
    expect(seen[0]!.headers).not.toHaveProperty('cookie')
  })

  it('a page behind three redirects, and none behind four', async () => {
    answer = ({ url }, response) => {
      const left = Number(url!.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}`, 'set-cookie': 'a=b' }).end()
    }
    const found = await clientFor().open(`http://${host}/3`, request())
    expect(found.url).toBe(`http://${host}/0`)
    expect(await text(found.body)).toBe('there')
    expect(seen.at(-1)!.headers).not.toHaveProperty('cookie')
    await expect(read(`http://${host}/4`)).rejects.toMatchObject({ code: 'fetch_failed' })
  })

  it('with what it knows itself by only where it was sent to', async () => {
    const port = host.split(':')[1]
    answer = ({ url }, response) => {
      if (url === '/1') response.writeHead(302, { location: '/2' }).end()
      else if (url === '/2') response.writeHead(302, { location: `http://other.test:${port}/3` }).end()
      else response.end('done')
    }
    const client = clientFor([host, `other.test:${port}`], { 'other.test': ['127.0.0.1'] })
    await read(`http://${host}/1`, { headers: { authorization: 'Bearer secret' } }, client)
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret', undefined])
  })

  it('from the next address of a name when the first does not answer, the old kind first', async () => {
    const asked: string[] = []
    const names = { 'two.test': ['2606:4700::6810:84e5', '93.184.215.14', '93.184.215.15'] }
    const client = clientFor([], names, ({ hostname, servername, port, host: named }, callback) => {
      asked.push(`${hostname} ${port} ${named} ${servername}`)
      callback(new Error('nobody there'), null)
    })
    await expect(client.open('http://two.test/', request())).rejects.toMatchObject({
      code: 'fetch_failed',
      message: 'two.test cannot be reached, or broke off',
    })
    await expect(client.open('https://93.184.215.16/', request())).rejects.toMatchObject({ code: 'fetch_failed' })
    expect(asked.pop()).toBe('93.184.215.16 443 93.184.215.16 undefined')
    expect(asked).toEqual([
      '93.184.215.14 80 two.test undefined',
      '93.184.215.15 80 two.test undefined',
      '2606:4700::6810:84e5 80 two.test undefined',
    ])
  })

  it('of two Locations the first, which is looked at as any other, and of none that is no address', async () => {
    answer = ({ url }, response) => {
      if (url === '/there') response.end('there')
      else response.writeHead(302, [...['location', '/there'], ...['location', 'http://10.0.0.1/']]).end()
    }
    expect(await read(`http://${host}/`)).toBe('there')
    answer = (_, response) => response.writeHead(302, { location: 'http://' }).end()
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'address_refused' })
    answer = (_, response) => response.writeHead(302).end('leads nowhere')
    expect(await read(`http://${host}/`)).toBe('leads nowhere')
  })

  it('and said what it is, with its headers, and let go of when nobody wants the rest', async () => {
    let isOver = false
    answer = (_, response) => {
      response.writeHead(404, { 'content-type': 'Text/HTML; charset=utf-8', etag: '"1"' }).write('begun')
      response.on('close', () => (isOver = true))
    }
    const found = await clientFor().open(`http://${host}/`, request({ accept: 'text/html' }))
    expect(found).toMatchObject({ status: 404, mediaType: 'text/html', url: `http://${host}/` })
    expect([found.header('ETag'), found.header('x-none')]).toEqual(['"1"', null])
    expect(seen[0]!.headers.accept).toBe('text/html')
    found.close()
    await expect.poll(() => isOver).toBe(true)
    answer = (_, response) => response.writeHead(200, { 'content-type': ';' }).end()
    expect((await clientFor().open(`http://${host}/`, request())).mediaType).toBeNull()
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    [' GZip ', gzipSync],
    ['identity', Buffer.from],
    ['', Buffer.from],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('a page that comes packed with %s', async (encoding, pack) => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(pack('unpacked'))
    expect(await read(`http://${host}/`)).toBe('unpacked')
  })
})

describe('what costs too much or does not end', () => {
  it('a body that never ends is cut at the limit', async () => {
    answer = (_, response) => {
      const more = () => void (response.destroyed || response.write(Buffer.alloc(64 * 1024), () => setImmediate(more)))
      more()
    }
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'fetch_too_large' })
  })

  it('a gzip bomb is cut at the limit of what it unpacks to', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'fetch_too_large' })
  })

  it('a page packed twice, or by a method that nobody knows, is refused', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end('x')
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'fetch_failed' })
  })

  it('a body that says it is packed and is not fails', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain')
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'fetch_failed' })
  })

  it('a server that dribbles or says nothing runs out of time', async () => {
    let dribble: NodeJS.Timeout | undefined
    answer = ({ url }, response) => {
      if (url === '/silent') return
      response.writeHead(200)
      dribble = setInterval(() => response.write('x'), 20)
    }
    await expect(read(`http://${host}/slow`, { totalSeconds: 0.3 })).rejects.toMatchObject({ code: 'fetch_timeout' })
    await expect(read(`http://${host}/silent`, { totalSeconds: 0.3 })).rejects.toMatchObject({ code: 'fetch_timeout' })
    clearInterval(dribble)
  })

  it('headers without end fail, and so does a connection that is cut', async () => {
    answer = (_, response) => response.writeHead(200, { 'x-long': 'x'.repeat(60_000) }).end()
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'fetch_failed' })
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setImmediate(() => response.destroy())
    }
    await expect(read(`http://${host}/`)).rejects.toMatchObject({ code: 'fetch_failed' })
  })

  it('a caller who leaves gets their own reason back, also in the middle of a page', async () => {
    const left = new AbortController()
    answer = () => left.abort(new Error('left'))
    await expect(read(`http://${host}/`, { signal: left.signal })).rejects.toThrow('left')
    const leaving = new AbortController()
    answer = (_, response) => response.writeHead(200).write('half')
    const { body } = await clientFor().open(`http://${host}/`, request({ signal: leaving.signal }))
    body.once('data', () => leaving.abort(new Error('left, too')))
    await expect(text(body)).rejects.toThrow('left, too')
  })

  it('a page of exactly as much as may come comes whole, and one byte more does not', async () => {
    answer = (_, response) => response.end('x'.repeat(100))
    expect(await read(`http://${host}/`, { maxBytes: 100 })).toHaveLength(100)
    await expect(read(`http://${host}/`, { maxBytes: 99 })).rejects.toMatchObject({ code: 'fetch_too_large' })
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100)))
    expect(await read(`http://${host}/`, { maxBytes: 100 })).toHaveLength(100)
    await expect(read(`http://${host}/`, { maxBytes: 99 })).rejects.toMatchObject({ code: 'fetch_too_large' })
  })

  it.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'a place that cannot prove its name (%s) is told from one that does not answer',
    async (code) => {
      const client = clientFor([], { 'pages.test': ['93.184.215.14'] }, (_, callback) =>
        callback(Object.assign(new Error('of TLS'), { code }), null),
      )
      await expect(client.open('https://pages.test/', request())).rejects.toMatchObject({
        code: 'fetch_failed',
        message: 'pages.test has a certificate that is not valid',
      })
    },
  )
})
