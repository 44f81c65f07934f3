import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import { closeCodes, type ServerFrame } from '@nitroagi/shared/live'
import type { Run } from '@nitroagi/shared/runs'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Actor, Call } from '../call.ts'
import { silentLog } from '../log.ts'
import type { Runs } from '../services/port.ts'
import type { Membership } from './audience.ts'
import { createConnection } from './connection.ts'

const run = '11111111-1111-4111-8111-111111111111'
const conversation = '22222222-2222-4222-8222-222222222222'
const ada: Actor = { userId: 'ada', workspaceId: 'w1', role: 'member', via: 'ticket', scopes: ['read', 'chat'] }
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** The peer's end of a socket: what it was sent, and why it was closed. */
function createPeer() {
  const sent: ServerFrame[] = []
  const closed: number[] = []
  const peer = Object.assign(new EventEmitter(), {
    readyState: WebSocket.OPEN as number,
    isPaused: false,
    send: (text: string) => void sent.push(JSON.parse(text) as ServerFrame),
    ping: () => {},
    terminate: () => void peer.emit('close', 1006),
    pause: () => void (peer.isPaused = true),
    resume: () => void (peer.isPaused = false),
    close(code: number) {
      closed.push(code)
      peer.readyState = WebSocket.CLOSING
    },
  })
  return { peer, sent, closed }
}

interface Given {
  actor?: Actor
  isAllowed?: () => Promise<boolean>
  /** A socket that was opened and not yet let in. */
  isWaiting?: boolean
  count?: () => Promise<void>
  events?: Runs['events']
  lifeMs?: number
}

function setUp({
  actor = ada,
  isAllowed = async () => true,
  isWaiting = false,
  count,
  events,
  lifeMs = 60_000,
}: Given = {}) {
  const { peer, sent, closed } = createPeer()
  const asked: string[] = []
  const calls: Call[] = []
  const errors: string[] = []
  const ended: unknown[] = []
  const state = { left: 0 }
  const runs = {
    events:
      events ??
      (async (call, id, after) => {
        calls.push(call)
        asked.push(`read ${id} after ${after}`)
        return (async function* () {})()
      }),
    async send(call: Call, id: string) {
      calls.push(call)
      asked.push(`send ${id}`)
      return { id: run } as Run
    },
    stop: async (call: Call, id: string) => void (calls.push(call), asked.push(`stop ${id}`)),
  } as unknown as Runs
  const membership: Membership = { isAllowed, leave: () => void state.left++ }
  const socket = { writableLength: 0, destroyed: false, cork() {}, uncork() {} } as unknown as Duplex
  const connection = createConnection({
    webSocket: peer as unknown as WebSocket,
    socket,
    actor,
    runs,
    rateLimits: { count: count ?? (async () => {}) },
    log: {
      ...silentLog,
      error: (event: string) => void errors.push(event),
      info: (event: string, fields: unknown) => void ended.push([event, fields]),
    },
    version: '1',
    socketId: 's',
    lifeMs,
    pingMs: 20_000,
  })
  if (!isWaiting) connection.open(membership)
  const say = async (...frames: unknown[]) => {
    for (const frame of frames) peer.emit('message', Buffer.from(JSON.stringify(frame)), false)
    await settled()
  }
  return {
    connection,
    peer,
    sent: () => sent.filter(({ type }) => type !== 'hello'),
    hello: sent,
    closed,
    asked,
    calls,
    errors,
    ended,
    say,
    state,
  }
}

const errorOf = (frames: ServerFrame[]) =>
  frames.map((frame) => (frame.type === 'error' ? frame.error.code : frame.type))
const sendFrame = { type: 'send', id: '1', conversation, idempotencyKey: 'k', message: { text: 'Hi' } }

describe('a socket', () => {
  it('says hello, answers pings, and does what it is asked in order', async () => {
    const { hello, sent, asked, say } = setUp()
    expect(hello).toEqual([{ type: 'hello', version: '1', user: 'ada', workspace: 'w1' }])
    await say(
      { type: 'ping', id: 'p' },
      { type: 'subscribe', id: '1', run },
      { type: 'resume', id: '2', run: conversation, after: 7 },
      { type: 'stop', id: '3', run },
      { type: 'unsubscribe', id: '4', run },
    )
    await settled()
    expect(asked).toEqual([`read ${run} after 0`, `read ${conversation} after 7`, `stop ${run}`])
    expect(sent()).toEqual([
      { type: 'pong', id: 'p' },
      { type: 'stopped', id: '3', run },
    ])
  })

  it('reads the answer to what it sent', async () => {
    const { sent, asked, say } = setUp()
    await say(sendFrame)
    expect(asked).toEqual([`send ${conversation}`, `read ${run} after 0`])
    expect(sent()).toEqual([{ type: 'sent', id: '1', run: { id: run } }])
  })

  it('does each thing as whoever opened it, as a call of its own, until it ends', async () => {
    const { say, calls, peer } = setUp()
    await say({ type: 'stop', id: '1', run }, { type: 'subscribe', id: '2', run }, sendFrame)
    await settled()
    expect(calls.map(({ actor }) => actor)).toEqual([ada, ada, ada, ada])
    expect(calls.map(({ requestId }) => requestId)).toEqual(['s-1', 's-2', 's-3', 's-3'])
    const [stop, , send] = calls.map(({ signal }) => signal)
    expect([stop?.aborted, send?.aborted]).toEqual([false, false])
    peer.emit('close', 1000)
    expect([stop?.reason, send?.reason]).toEqual(
      Array(2).fill(expect.objectContaining({ code: 'unavailable', message: 'The socket is closed' })),
    )
  })

  it('says which reading broke off, and why', async () => {
    const { say, sent } = setUp({
      events: async () =>
        (async function* () {
          await settled()
          yield []
          throw new NitroError('not_found', 'It was deleted')
        })(),
    })
    await say({ type: 'subscribe', id: '1', run })
    await settled()
    await settled()
    expect(sent()).toEqual([{ type: 'error', run, error: { code: 'not_found', message: 'It was deleted' } }])
  })

  it('does not read the same answer twice, when the same message is sent again', async () => {
    let reads = 0
    const { say, sent } = setUp({
      events: async (call) => {
        reads++
        return (async function* () {
          await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
        })()
      },
    })
    await say(sendFrame)
    await say({ ...sendFrame, id: '2' })
    expect(sent().map(({ type }) => type)).toEqual(['sent', 'sent'])
    expect(reads).toBe(1)
  })

  it('says so when the answer to what it sent cannot be read; the message is sent all the same', async () => {
    const { say, sent } = setUp({ events: () => Promise.reject(new NitroError('gone', 'Pruned')) })
    await say(sendFrame)
    await settled()
    expect(sent().map(({ type }) => type)).toEqual(['sent', 'gone'])
  })

  it.each<[unknown, string]>([
    [sendFrame, 'forbidden'],
    [{ type: 'stop', id: '1', run }, 'forbidden'],
  ])('does nothing without the right to it: %o', async (frame, code) => {
    const { say, sent, asked } = setUp({ actor: { ...ada, scopes: ['read'] } })
    await say(frame)
    expect(errorOf(sent())).toEqual([code])
    expect(asked).toEqual([])
  })

  it('names the run that a refusal is about, only where it is about reading one', async () => {
    const { say, sent } = setUp({ actor: { ...ada, scopes: [] } })
    await say(
      { type: 'subscribe', id: '1', run },
      { type: 'resume', id: '2', run, after: 1 },
      { type: 'stop', id: '3', run },
    )
    await settled()
    expect(sent().map((frame) => 'run' in frame && frame.run)).toEqual([run, run, false])
  })

  it('counts what is asked for, and not what is let go of', async () => {
    const { say, sent, asked } = setUp({ count: () => Promise.reject(new NitroError('rate_limited', 'Too many')) })
    await say({ type: 'subscribe', id: '1', run }, { type: 'unsubscribe', id: '2', run })
    await settled()
    expect(errorOf(sent())).toEqual(['rate_limited'])
    expect(asked).toEqual([])
  })

  it('hides what went wrong on our side, and logs it', async () => {
    const { say, sent, errors } = setUp({ events: () => Promise.reject(new Error('SELECT secret')) })
    await say({ type: 'subscribe', id: '1', run })
    expect(errorOf(sent())).toEqual(['internal'])
    expect(JSON.stringify(sent())).not.toContain('secret')
    expect(errors).toEqual(['socket-frame-failed'])
  })

  it('logs nothing of what is no failure of ours', async () => {
    const { say, errors } = setUp({ events: () => Promise.reject(new NitroError('not_found', 'No')) })
    await say({ type: 'subscribe', id: '1', run })
    expect(errors).toEqual([])
  })
})

describe('rights', () => {
  it('end the socket when they have changed, before anything is done', async () => {
    const { say, closed, asked } = setUp({ isAllowed: async () => false })
    await say({ type: 'stop', id: '1', run })
    expect(closed).toEqual([closeCodes.revoked])
    expect(asked).toEqual([])
  })

  it('are nobody’s before the socket was let in', async () => {
    const { say, closed, asked } = setUp({ isWaiting: true })
    await say({ type: 'stop', id: '1', run })
    expect([closed, asked]).toEqual([[closeCodes.revoked], []])
  })

  it('that cannot be looked up let nothing be done, and end nothing', async () => {
    const { say, closed, asked, sent } = setUp({
      isAllowed: () => Promise.reject(new NitroError('unavailable', 'Away')),
    })
    await say({ type: 'stop', id: '1', run })
    expect([errorOf(sent()), closed, asked]).toEqual([['unavailable'], [], []])
    expect(sent()[0]).toMatchObject({ id: '1' })
  })

  it('are asked for of no frame that came after the end', async () => {
    let asked = 0
    const { say, peer } = setUp({
      isAllowed: async () => {
        asked++
        peer.readyState = WebSocket.CLOSED
        return true
      },
    })
    await say({ type: 'stop', id: '1', run }, { type: 'stop', id: '2', run })
    await settled()
    expect(asked).toBe(1)
  })

  it('do nothing any more when the socket ended while they were looked up', async () => {
    const { say, asked } = await Promise.resolve().then(() => {
      const made: ReturnType<typeof setUp> = setUp({
        isAllowed: async () => {
          made.peer.readyState = WebSocket.CLOSED
          return true
        },
      })
      return made
    })
    await say({ type: 'stop', id: '1', run })
    expect(asked).toEqual([])
  })
})

describe('a peer that does not behave', () => {
  it('is shown out when it sends bytes', () => {
    const { peer, closed } = setUp()
    peer.emit('message', Buffer.from('{}'), true)
    expect(closed).toEqual([closeCodes.notText])
  })

  it('is told five times that a frame makes no sense, then shown out', async () => {
    const { say, closed, sent } = setUp()
    await say(...Array.from({ length: 5 }, () => 'nonsense'))
    expect([errorOf(sent()), closed]).toEqual([Array(5).fill('invalid_input'), []])
    await say({ type: 'nonsense', id: 'sixth' })
    expect(sent().at(-1)).toMatchObject({ id: 'sixth' })
    expect(closed).toEqual([closeCodes.policy])
  })

  it('is shown out when it says too much, and not heard after that', async () => {
    const { say, closed, sent } = setUp()
    const rate = limits.webSocketMessagesPerSecond
    await say(...Array.from({ length: rate + 5 }, (_, index) => ({ type: 'ping', id: String(index) })))
    expect(closed).toEqual([closeCodes.policy])
    expect(sent()).toHaveLength(rate)
  })

  it.each(['ping', 'pong'])('is shown out for too many of the protocol’s own frames: %s', (sign) => {
    const { peer, closed } = setUp()
    for (let index = 0; index < limits.webSocketMessagesPerSecond; index++) peer.emit(sign)
    expect(closed).toEqual([])
    peer.emit(sign)
    peer.emit(sign)
    expect(closed).toEqual([closeCodes.policy])
  })

  it('is read no further while sixteen frames wait, and again after that', async () => {
    let go = () => {}
    const held = new Promise<void>((resolve) => (go = resolve))
    const { say, peer } = setUp({ count: () => held })
    const stops = (count: number) => Array.from({ length: count }, () => ({ type: 'stop', id: '1', run }))
    await say(...stops(15))
    expect(peer.isPaused).toBe(false)
    await say(...stops(1))
    expect(peer.isPaused).toBe(true)
    go()
    await settled()
    await settled()
    expect(peer.isPaused).toBe(false)
  })

  it('breaks nothing with a broken frame', () => {
    expect(() => setUp().peer.emit('error', new Error('RSV1 must be clear'))).not.toThrow()
  })
})

describe('the end of a socket', () => {
  it.each<[string, (connection: ReturnType<typeof createConnection>, close: () => void) => void, number]>([
    ['of the peer', (_, close) => close(), 1],
    ['by us', ({ drain }) => drain(), 0],
  ])('ends what it reads, and it is in the audience no more: %s', async (_, end, left) => {
    let isReading = false
    const { say, peer, state, connection } = setUp({
      events: async (call) => {
        isReading = true
        return (async function* () {
          await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
          isReading = false
        })()
      },
    })
    await say({ type: 'subscribe', id: '1', run })
    expect(isReading).toBe(true)
    end(connection, () => peer.emit('close', 1000))
    await settled()
    expect([state.left, isReading]).toEqual([left, false])
  })

  it('is logged, with who it was and how much they said', async () => {
    const { say, peer, ended } = setUp()
    await say({ type: 'ping' }, { type: 'ping' })
    peer.emit('close', 1001)
    const fields = { socketId: 's', userId: 'ada', code: 1001, frames: 2, durationMs: expect.any(Number) as number }
    expect(ended).toEqual([['socket-end', fields]])
  })

  it('is the end of what it is told', async () => {
    let go = () => {}
    const held = new Promise<void>((resolve) => (go = resolve))
    const { say, peer, sent, asked } = setUp({ count: () => held })
    await say({ type: 'stop', id: '1', run })
    peer.readyState = WebSocket.CLOSED
    go()
    await settled()
    expect([asked, sent()]).toEqual([[`stop ${run}`], []])
  })

  it('before it was let in, or before it asked for anything, harms nobody', () => {
    expect(() => setUp({ isWaiting: true }).peer.emit('close', 1000)).not.toThrow()
  })

  it('comes with its time', () => {
    const old = setUp()
    const start = performance.now()
    old.connection.tick(start + 19_000)
    expect(old.closed).toEqual([])
    old.connection.tick(start + 60_001)
    expect(old.closed).toEqual([closeCodes.plannedRefresh])
    // Nothing is done for one that is closing.
    old.connection.tick(start + 60_002)
    expect(old.closed).toHaveLength(1)
  })

  it.each<[string, (peer: EventEmitter) => void]>([
    ['a frame', (peer) => peer.emit('message', Buffer.from('{"type":"ping"}'), false)],
    ['a pong', (peer) => peer.emit('pong')],
  ])('comes when nothing is heard of it for too long, %s being enough', (_, speak) => {
    const { connection, closed, peer } = setUp({ lifeMs: 600_000 })
    const start = performance.now()
    for (const seconds of [21, 42]) connection.tick(start + seconds * 1000)
    expect(closed).toEqual([])
    speak(peer)
    for (const seconds of [63, 84]) connection.tick(start + seconds * 1000)
    expect(closed).toEqual([])
    connection.tick(start + 105_000)
    expect(closed).toEqual([closeCodes.idle])
  })

  it('comes at a restart, at once where there is no time', () => {
    const { connection, closed, state } = setUp()
    connection.drain()
    expect(closed).toEqual([closeCodes.restart])
    connection.terminate()
    expect(state.left).toBe(1)
  })
})
