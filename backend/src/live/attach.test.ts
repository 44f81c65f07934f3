import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Actor } from '../call.ts'
import { silentLog } from '../log.ts'
import type { Runs } from '../services/port.ts'
import { attachLive, type LiveDependencies } from './attach.ts'

const origin = 'https://nitro.example'
const ada: Actor = { userId: 'ada', workspaceId: 'w1', role: 'member', via: 'ticket', scopes: ['read', 'chat'] }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function setUp(given: Partial<LiveDependencies> = {}) {
  const logged: string[] = []
  const watched: unknown[] = []
  const server = createServer((_request, response) => response.end('http'))
  const live = attachLive(server, {
    runs: {} as Runs,
    tickets: { consume: async () => ada },
    accounts: { current: async (actor) => actor },
    rateLimits: { count: async () => {} },
    refusedCredentials: {
      watch(stranger, prove) {
        watched.push(stranger)
        return prove(() => {})
      },
    },
    trustedProxies: 0,
    allowedOrigins: [origin],
    log: {
      ...silentLog,
      info: (event: string) => void logged.push(event),
      error: (event: string) => void logged.push(event),
    },
    metrics: { streamOpened: () => () => {} },
    version: '1',
    ...given,
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  closing.push(async () => {
    await live.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const open = (headers: Record<string, string> = {}) =>
    new WebSocket(`ws://127.0.0.1:${port}/ws`, ['nitro.v1', 't.secret'], { origin, headers })
  return { live, open, port, logged, watched }
}

/** The status of a refused upgrade, or what was heard first. */
const heard = (socket: WebSocket) =>
  new Promise<unknown>((resolve) => {
    socket.once('unexpected-response', (_request, answer) => resolve(answer.statusCode))
    socket.once('message', (data) => resolve((JSON.parse(String(data)) as { type: string }).type))
    socket.once('error', () => resolve('broken'))
  })
const closed = async (socket: WebSocket) => ((await once(socket, 'close')) as [number])[0]

describe('a socket', () => {
  it('is opened with a ticket, by whoever the ticket says', async () => {
    const { live, open, logged, watched } = await setUp({ trustedProxies: 1 })
    const socket = open({ 'x-forwarded-for': '192.0.2.1, 192.0.2.7' })
    expect(await heard(socket)).toBe('hello')
    expect(live.connections()).toBe(1)
    expect(watched).toEqual([{ address: '192.0.2.7', credential: 'secret' }])
    socket.close()
    await closed(socket)
    expect(logged).toEqual(['socket-start', 'socket-end'])
  })

  it('is refused as the ticket is, and as too many wrong ones are', async () => {
    for (const code of ['unauthenticated', 'rate_limited'] as const) {
      const refuse = () => Promise.reject(new NitroError(code, 'No'))
      const { open, logged } = await setUp({ tickets: { consume: refuse } })
      expect(await heard(open())).toBe(code === 'unauthenticated' ? 401 : 429)
      expect(logged).toEqual([])
    }
  })

  it('is refused without a word of what went wrong on our side, which is logged', async () => {
    const fail = () => Promise.reject(new Error('SELECT secret'))
    const { open, logged } = await setUp({ tickets: { consume: fail } })
    expect(await heard(open())).toBe(500)
    expect(logged).toEqual(['socket-refused'])
  })

  it('is one of so many that a person may have', async () => {
    const { open } = await setUp()
    const sockets = []
    for (let index = 0; index < limits.webSocketsPerUser; index++) {
      const socket = open()
      sockets.push(socket)
      expect(await heard(socket)).toBe('hello')
    }
    const surplus = open()
    expect(await closed(surplus)).toBe(4429)
    for (const socket of sockets) socket.terminate()
  })

  it('lives for its time and not longer, and is looked at every second', async () => {
    const { open } = await setUp({ lifeMs: 1 })
    const socket = open()
    expect(await closed(socket)).toBe(4000)
  })

  it('ends when its rights have, within a second or so', async () => {
    const { open } = await setUp({
      accounts: { current: () => Promise.reject(new NitroError('unauthenticated', 'Gone')) },
    })
    expect(await closed(open())).toBe(4401)
  })
})

describe('a restart', () => {
  it('lets nobody in, neither before their ticket is taken nor after', async () => {
    let take = () => {}
    let asked = 0
    const consume = () => {
      asked++
      return new Promise<Actor>((resolve) => (take = () => resolve(ada)))
    }
    const { live, open } = await setUp({ tickets: { consume } })
    const early = heard(open())
    while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await live.close()
    take()
    expect(await early).toBe(503)
    expect(await heard(open())).toBe(503)
    expect(asked).toBe(1)
  })

  it('tells those who are there to come back, and waits for none that does not listen', async () => {
    const { live, open } = await setUp()
    const [polite, deaf] = [open(), open()]
    expect([await heard(polite), await heard(deaf)]).toEqual(['hello', 'hello'])
    deaf.pause()
    const code = closed(polite)
    await live.close()
    expect(await code).toBe(1012)
    expect(live.connections()).toBe(0)
    deaf.terminate()
  })
})

it('opens nothing for a peer that is gone before its ticket was looked up', async () => {
  let take = () => {}
  let asked = 0
  const consume = () => {
    asked++
    return new Promise<Actor>((resolve) => (take = () => resolve(ada)))
  }
  const { live, port, logged } = await setUp({ tickets: { consume } })
  const peer = connect(port, '127.0.0.1')
  peer.write(
    [
      'GET /ws HTTP/1.1',
      'Host: x',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Origin: ${origin}`,
      'Sec-WebSocket-Protocol: nitro.v1, t.secret',
      '\r\n',
    ].join('\r\n'),
  )
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  peer.resetAndDestroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  take()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect([live.connections(), logged]).toEqual([0, []])
})

it('leaves upgrades to other protocols to HTTP', async () => {
  const { port } = await setUp()
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  expect(await answer.text()).toBe('http')
  const peer = connect(port, '127.0.0.1')
  peer.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n')
  expect(String((await once(peer, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/)
  peer.destroy()
})
