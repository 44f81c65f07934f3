import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { isWebSocket, readOffer, refuseUpgrade } from './handshake.ts'

const origin = 'https://nitro.example'
const good = { upgrade: 'websocket', origin, 'sec-websocket-protocol': 'nitro.v1, t.secret' }

interface Asked {
  url?: string | undefined
  method?: string
  headers?: Record<string, string | undefined>
}

const offered = ({ url = '/ws', method = 'GET', headers = {} }: Asked = {}) =>
  readOffer({ url, method, headers: { ...good, ...headers } } as unknown as IncomingMessage, [origin])

const refusal = (asked: Asked) => {
  try {
    offered(asked)
  } catch (error) {
    return (error as NitroError).code
  }
  return 'taken'
}

describe('an offer to open a socket', () => {
  it('is taken from our own page with one ticket beside the protocol', () => {
    expect(offered()).toEqual({ origin, ticket: 'secret' })
    expect(offered({ headers: { 'sec-websocket-protocol': 't.other,nitro.v1' } }).ticket).toBe('other')
    expect(offered({ headers: { upgrade: ' WebSocket ' } }).origin).toBe(origin)
  })

  it.each<[Asked, string]>([
    [{ url: '/other' }, 'not_found'],
    [{ url: '/wsx' }, 'not_found'],
    [{ url: '/x/ws' }, 'not_found'],
    [{ url: '' }, 'not_found'],
    [{ url: '/ws?ticket=secret' }, 'bad_request'],
    [{ url: '/ws?' }, 'bad_request'],
    [{ method: 'POST' }, 'bad_request'],
    [{ headers: { upgrade: 'h2c' } }, 'bad_request'],
    [{ headers: { upgrade: undefined } }, 'bad_request'],
    [{ headers: { origin: undefined } }, 'forbidden'],
    [{ headers: { origin: 'null' } }, 'forbidden'],
    [{ headers: { origin: 'https://evil.example' } }, 'forbidden'],
    [{ headers: { origin: `${origin}.evil` } }, 'forbidden'],
    [{ headers: { authorization: 'Bearer nk_live_x' } }, 'bad_request'],
    [{ headers: { 'x-api-key': 'nk_live_x' } }, 'bad_request'],
    [{ headers: { 'proxy-authorization': '' } }, 'bad_request'],
    [{ headers: { 'sec-websocket-protocol': undefined } }, 'unauthenticated'],
    [{ headers: { 'sec-websocket-protocol': 'nitro.v1' } }, 'unauthenticated'],
    [{ headers: { 'sec-websocket-protocol': 'nitro.v1, t.' } }, 'unauthenticated'],
    [{ headers: { 'sec-websocket-protocol': 'nitro.v1, at.secret' } }, 'unauthenticated'],
    [{ headers: { 'sec-websocket-protocol': 't.secret' } }, 'bad_request'],
    [{ headers: { 'sec-websocket-protocol': 't.secret, nitro.v2' } }, 'bad_request'],
    [{ headers: { 'sec-websocket-protocol': 'nitro.v1, t.one, t.two' } }, 'bad_request'],
  ])('is refused otherwise: %o', (asked, code) => expect(refusal(asked)).toBe(code))

  it('is refused without an address at all', () => {
    const request = { method: 'GET', headers: good } as unknown as IncomingMessage
    expect(() => readOffer(request, [origin])).toThrow('There is no WebSocket here')
  })

  it('is as long as 1024 characters and no longer', () => {
    const ofLength = (length: number) => `nitro.v1, t.${'x'.repeat(length - 'nitro.v1, t.'.length)}`
    expect(refusal({ headers: { 'sec-websocket-protocol': ofLength(1_024) } })).toBe('taken')
    expect(refusal({ headers: { 'sec-websocket-protocol': ofLength(1_025) } })).toBe('bad_request')
  })
})

it('knows an upgrade to WebSocket from others', () => {
  const upgrade = (value: string | undefined) => isWebSocket({ headers: { upgrade: value } } as IncomingMessage)
  expect(['websocket', 'WEBSOCKET', 'h2c', 'websockets', undefined].map(upgrade)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

describe('an upgrade that is refused', () => {
  const answerTo = (error: NitroError) => {
    // As a socket of Node's server: what the other end does not close stays open.
    const socket = new PassThrough({ autoDestroy: false })
    refuseUpgrade(socket, error, 'r1')
    return { socket, text: String(socket.read()) }
  }

  it('is answered as any other request, and the line is closed', async () => {
    const { socket, text } = answerTo(new NitroError('forbidden', 'Nö'))
    const [head, body = ''] = text.split('\r\n\r\n')
    expect(head?.split('\r\n')).toEqual([
      'HTTP/1.1 403 Forbidden',
      'Connection: close',
      'Content-Type: application/json',
      'Cache-Control: no-store',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'X-Request-Id: r1',
    ])
    expect(JSON.parse(body)).toEqual({ error: { code: 'forbidden', message: 'Nö', requestId: 'r1' } })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(socket.destroyed).toBe(true)
  })

  it('says in whole seconds when to come back', () => {
    const { text } = answerTo(new NitroError('rate_limited', 'Too many', { retryAfterSeconds: 1.2 }))
    expect(text).toContain('\r\nRetry-After: 2\r\n')
  })

  it('is not answered on a line that is gone', () => {
    const socket = new PassThrough()
    socket.end()
    refuseUpgrade(socket, new NitroError('forbidden', 'No'), 'r1')
    expect(socket.destroyed).toBe(true)
    expect(socket.read()).toBeNull()
  })
})
