import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { Ticket } from '@nitroagi/shared/identity'
import { closeCodes, type ServerFrame } from '@nitroagi/shared/live'
import type { NitroChunk } from '@nitroagi/shared/runs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Actor } from '../src/call.ts'
import { createMetrics } from '../src/metrics.ts'
import { attachLive } from '../src/live/attach.ts'
import { silentLog } from '../src/log.ts'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { createMemoryRuns } from './memory-runs.ts'
import { chunksIn, startBackend, webOrigin, type Person, type TestBackend } from './test-backend.ts'
import { testCall } from './test-call.ts'

const origin = 'https://nitro.example'
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function startLive({ lifeMs, pingMs, batchSize }: { lifeMs?: number; pingMs?: number; batchSize?: number } = {}) {
  const server = createServer((_, response) => void response.writeHead(404, { 'X-Answered-By': 'http' }).end())
  const memory = createMemoryRuns({ batchSize })
  const tickets = new Map<string, Actor>()
  const suspended = new Set<string>()
  const demoted = new Set<string>()
  const database = { isAway: false }
  const requests = { left: Infinity }
  const live = attachLive(server, {
    metrics: createMetrics(),
    runs: memory.runs,
    tickets: {
      async consume(_, ticket, from) {
        const actor = tickets.get(ticket)
        tickets.delete(ticket)
        if (!actor || from !== origin) throw new NitroError('unauthenticated', 'This ticket is not valid (any more)')
        return actor
      },
    },
    accounts: {
      async current(actor) {
        if (database.isAway) throw new Error('connect ECONNREFUSED')
        if (suspended.has(actor.userId))
          throw new NitroError('unauthenticated', 'This account may not sign in any more')
        return demoted.has(actor.userId) ? { ...actor, role: 'viewer', scopes: ['read'] } : actor
      },
    },
    rateLimits: {
      async count() {
        if (requests.left-- <= 0) throw new NitroError('rate_limited', 'Your requests are used up. Try again later.')
      },
    },
    refusedCredentials: { watch: (_, prove) => prove(() => {}) },
    trustedProxies: 0,
    allowedOrigins: [origin],
    log: silentLog,
    version: '1.2.3',
    ...(lifeMs === undefined ? {} : { lifeMs }),
    ...(pingMs === undefined ? {} : { pingMs }),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  cleanUps.push(async () => {
    await live.close()
    server.closeAllConnections()
    server.close()
  })

  const person = (scopes: Actor['scopes'] = ['read', 'chat']): Actor => ({ ...testCall().actor, via: 'ticket', scopes })
  const issue = (actor: Actor): string => {
    const ticket = randomBytes(16).toString('hex')
    tickets.set(ticket, actor)
    return ticket
  }
  const open = async (actor: Actor) => {
    const socket = await openSocket(port, ['nitro.v1', `t.${issue(actor)}`])
    expect(await socket.next()).toMatchObject({ type: 'hello' })
    return socket
  }
  return { live, memory, port, person, issue, open, suspended, demoted, database, requests }
}

/** A `ws` client whose frames are read one by one. */
async function openSocket(port: number, protocols: string[], options: { origin?: string } = { origin }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, protocols, options)
  const frames: ServerFrame[] = []
  const waiting: ((frame: ServerFrame) => void)[] = []
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as ServerFrame
    const reader = waiting.shift()
    if (reader) reader(frame)
    else frames.push(frame)
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  )
  cleanUps.push(() => socket.terminate())
  await once(socket, 'open')
  const next = (): Promise<ServerFrame> => {
    const frame = frames.shift()
    return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve))
  }
  return {
    socket,
    closed,
    next,
    say: (frame: object | string) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async events(count: number) {
      const seqs: number[] = []
      while (seqs.length < count) {
        const frame = await next()
        if (frame.type !== 'event') throw new Error(`Expected an event, got ${JSON.stringify(frame)}`)
        seqs.push(frame.seq)
      }
      return seqs
    },
  }
}

interface Upgrade {
  path?: string
  method?: string
  headers?: Record<string, string | undefined>
  protocol?: string
}

/** The bytes of an upgrade, written by hand, and what came back. */
async function rawUpgrade(port: number, { path = '/ws', method = 'GET', headers = {}, protocol }: Upgrade) {
  const socket = connect(port, '127.0.0.1')
  cleanUps.push(() => socket.destroy())
  const all: Record<string, string | undefined> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    Origin: origin,
    'Sec-WebSocket-Protocol': protocol,
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  socket.write([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
  const answer = await readUntil(socket, (bytes) => bytes.includes('\r\n\r\n'))
  const head = answer.toString('latin1')
  return { socket, head, status: Number(head.split(' ')[1]), rest: answer.subarray(answer.indexOf('\r\n\r\n') + 4) }
}

async function readUntil(socket: Socket, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (isEnough(bytes)) done()
    }
    const done = () => {
      socket.off('data', onData).off('close', done)
      resolve(bytes)
    }
    socket.on('data', onData).on('close', done).on('error', reject)
  })
}

describe('opening a socket', () => {
  it('greets whoever brings a ticket from an allowed page, and answers pings with their id', async () => {
    const { port, person, issue, live } = await startLive()
    const actor = person()
    const { next, say, socket } = await openSocket(port, ['nitro.v1', `t.${issue(actor)}`])
    expect(await next()).toEqual({ type: 'hello', version: '1.2.3', user: actor.userId, workspace: actor.workspaceId })
    expect(socket.protocol).toBe('nitro.v1')
    say({ type: 'ping', id: 'a' })
    expect(await next()).toEqual({ type: 'pong', id: 'a' })
    expect(live.connections()).toBe(1)
  })

  it('lets a ticket in once', async () => {
    const { port, person, issue } = await startLive()
    const protocol = `nitro.v1, t.${issue(person())}`
    expect((await rawUpgrade(port, { protocol })).status).toBe(101)
    expect((await rawUpgrade(port, { protocol })).status).toBe(401)
  })

  it('never selects the ticket as the protocol, in whatever order it is offered', async () => {
    const { port, person, issue } = await startLive()
    const { status, head } = await rawUpgrade(port, { protocol: `t.${issue(person())},nitro.v1` })
    expect(status).toBe(101)
    expect(head).toMatch(/^Sec-WebSocket-Protocol: nitro\.v1\r?$/im)
  })

  it.each([
    ['a foreign page', { headers: { Origin: 'https://evil.example' } }, 403],
    ['a page that ends like ours', { headers: { Origin: 'https://nitro.example.evil.example' } }, 403],
    ['our page without TLS', { headers: { Origin: 'http://nitro.example' } }, 403],
    ['a page that hides where it comes from', { headers: { Origin: 'null' } }, 403],
    ['no page at all', { headers: { Origin: undefined } }, 403],
    ['another path', { path: '/ws/' }, 404],
    ['another path in disguise', { path: '/%77s' }, 404],
    ['the whole address as the path', { path: 'http://127.0.0.1/ws' }, 404],
    ['another method', { method: 'POST' }, 400],
    ['an old version of WebSocket', { headers: { 'Sec-WebSocket-Version': '7' } }, 400],
    ['a key that is none', { headers: { 'Sec-WebSocket-Key': 'abc' } }, 400],
    ['a second credential beside the ticket', { headers: { Authorization: 'Bearer nk_live_0123456789abcdef' } }, 400],
    ['an API key beside the ticket', { headers: { 'X-Api-Key': 'nk_live_0123456789abcdef' } }, 400],
  ])('refuses %s', async (_, upgrade: Upgrade, expected) => {
    const { port, person, issue, live } = await startLive()
    const { status, socket } = await rawUpgrade(port, { protocol: `nitro.v1, t.${issue(person())}`, ...upgrade })
    expect(status).toBe(expected)
    if (!socket.closed) await once(socket, 'close')
    expect(live.connections()).toBe(0)
  })

  it.each([
    ['no protocol', undefined, 401],
    ['no ticket', 'nitro.v1', 401],
    ['an empty ticket', 'nitro.v1, t.', 401],
    ['a ticket that nobody was given', 'nitro.v1, t.0123456789abcdef', 401],
    ['two tickets', 'nitro.v1, t.one, t.two', 400],
    ['a ticket without the protocol', 't.TICKET', 400],
    ['the protocol twice', 'nitro.v1, nitro.v1, t.TICKET', 400],
    ['a protocol of 2,000 characters', `nitro.v1, t.${'x'.repeat(2_000)}`, 400],
  ])('refuses %s', async (_, protocol, expected) => {
    const { port, person, issue } = await startLive()
    const { status } = await rawUpgrade(port, { protocol: protocol?.replace('TICKET', issue(person())) })
    expect(status).toBe(expected)
  })

  it('takes no ticket in the address, and does not spend it there', async () => {
    const { port, person, issue } = await startLive()
    const ticket = issue(person())
    const refused = await rawUpgrade(port, { path: `/ws?ticket=${ticket}`, protocol: `nitro.v1, t.${ticket}` })
    expect(refused.status).toBe(400)
    expect((await rawUpgrade(port, { protocol: `nitro.v1, t.${ticket}` })).status).toBe(101)
  })

  it('takes the offer of another protocol for an ordinary request', async () => {
    const { port } = await startLive()
    const { status, head } = await rawUpgrade(port, { path: '/elsewhere', headers: { Upgrade: 'h2c' } })
    expect(status).toBe(404)
    expect(head).toMatch(/^X-Answered-By: http\r?$/im)
  })

  it('tells an account with ten sockets that the eleventh is too many, and lets others in', async () => {
    const { port, person, issue, open } = await startLive()
    const actor = person()
    for (let count = 0; count < 10; count++) await open(actor)
    const eleventh = await openSocket(port, ['nitro.v1', `t.${issue(actor)}`])
    expect((await eleventh.closed).code).toBe(closeCodes.tooMany)
    await open(person())
  })
})

describe('reading a run', () => {
  const said = (count: number): NitroChunk[] =>
    Array.from({ length: count }, (_, at) => ({ type: 'text-delta', id: 't', delta: `${at} ` }))

  it('sends the whole log from the start, then what is written, then nothing', async () => {
    const { memory, person, open } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    memory.write(run.id, ...said(20))
    const reader = await open(actor)
    reader.say({ type: 'subscribe', run: run.id })
    expect(await reader.events(20)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    memory.write(run.id, { type: 'text-delta', id: 't', delta: 'Grüße 👋 "quoted"\n' }, { type: 'finish' })
    expect(await reader.next()).toEqual({
      type: 'event',
      run: run.id,
      seq: 21,
      chunk: { type: 'text-delta', id: 't', delta: 'Grüße 👋 "quoted"\n' },
    })
    expect(await reader.next()).toMatchObject({ seq: 22, chunk: { type: 'finish' } })
    reader.say({ type: 'ping' })
    expect(await reader.next()).toEqual({ type: 'pong' })
    expect(memory.openReaders()).toBe(0)
  })

  it('gives a reader that was cut anywhere exactly the rest: no gap, no repeat', async () => {
    const { memory, person, open } = await startLive({ batchSize: 3 })
    const actor = person()
    // A fixed seed, so that a failure can be seen again.
    let seed = 20_261_121
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below
    for (let round = 0; round < 20; round++) {
      const run = memory.begin(actor.userId)
      const total = 1 + random(60)
      const seen: number[] = []
      let written = 0
      while (seen.length < total) {
        const reader = await open(actor)
        reader.say({ type: 'resume', run: run.id, after: seen.length })
        // Some of it is in the log already, some is written while it is read.
        const more = Math.min(total - written, random(12) + (written === seen.length ? 1 : 0))
        memory.write(run.id, ...said(more))
        written += more
        seen.push(...(await reader.events(1 + random(written - seen.length))))
        reader.socket.terminate()
      }
      expect(seen).toEqual(Array.from({ length: total }, (_, at) => at + 1))
    }
  })

  it('starts over from where a second resume says, without mixing in what the first one had left', async () => {
    const { memory, person, open } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    memory.write(run.id, ...said(50))
    const reader = await open(actor)
    reader.say({ type: 'subscribe', run: run.id })
    await reader.events(50)
    reader.say({ type: 'resume', run: run.id, after: 48 })
    memory.write(run.id, ...said(1))
    expect((await reader.events(3)).slice(-3)).toEqual(expect.arrayContaining([50, 51]))
    expect(memory.openReaders()).toBeLessThanOrEqual(2)
  })

  it('says that a run is gone when its log is pruned', async () => {
    const { memory, person, open } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    memory.prune(run.id)
    const reader = await open(actor)
    reader.say({ type: 'resume', id: 'r', run: run.id, after: 3 })
    expect(await reader.next()).toEqual({ type: 'gone', id: 'r', run: run.id })
  })

  it('knows no difference between a run of somebody else and one that never was', async () => {
    const { memory, person, open } = await startLive()
    const foreign = memory.begin(person().userId)
    const reader = await open(person())
    for (const type of ['subscribe', 'stop']) {
      reader.say({ type, id: 'x', run: foreign.id })
      const theirs = await reader.next()
      reader.say({ type, id: 'x', run: randomUUID() })
      const nobodys = await reader.next()
      expect(theirs).toMatchObject({ type: 'error', id: 'x', error: { code: 'not_found' } })
      expect({ ...theirs, run: '' }).toEqual({ ...nobodys, run: '' })
    }
  })

  it('stops following on unsubscribe, and when the socket goes', async () => {
    const { memory, person, open } = await startLive()
    const actor = person()
    const runs = [memory.begin(actor.userId), memory.begin(actor.userId)]
    const reader = await open(actor)
    for (const run of runs) {
      memory.write(run.id, ...said(1))
      reader.say({ type: 'subscribe', run: run.id })
      await reader.events(1)
    }
    expect(memory.openReaders()).toBe(2)
    reader.say({ type: 'unsubscribe', run: runs[0]!.id })
    await until(() => memory.openReaders() === 1)
    reader.socket.terminate()
    await until(() => memory.openReaders() === 0)
  })

  it('leaves in the log what a slow reader has not taken, and loses nothing of it', async () => {
    const { memory, person, open } = await startLive({ batchSize: 50 })
    const actor = person()
    const run = memory.begin(actor.userId)
    const total = 3_000
    const big = 'x'.repeat(10_000)
    memory.write(run.id, ...said(total).map((chunk) => ({ ...chunk, delta: big }) as NitroChunk))
    const reader = await open(actor)
    reader.socket.pause()
    reader.say({ type: 'subscribe', run: run.id })
    // What the kernel takes is not ours to bound; the rest must stay where it is.
    let before = -1
    await until(async () => {
      const unchanged = before === memory.readEvents() && before > 0
      before = memory.readEvents()
      await wait(100)
      return unchanged
    })
    expect(memory.readEvents()).toBeLessThan(total * 0.75)
    reader.socket.resume()
    expect(await reader.events(total)).toEqual(Array.from({ length: total }, (_, at) => at + 1))
  })
})

describe('speaking', () => {
  it('sends a message, follows its run by itself, and does not send it twice', async () => {
    const { person, open } = await startLive()
    const speaker = await open(person())
    const frame = {
      type: 'send',
      id: 's',
      conversation: randomUUID(),
      idempotencyKey: 'once',
      message: { text: 'one two three' },
    }
    speaker.say(frame)
    const sent = await speaker.next()
    expect(sent).toMatchObject({ type: 'sent', id: 's', run: { conversationId: frame.conversation } })
    expect(await speaker.events(5)).toEqual([1, 2, 3, 4, 5])
    speaker.say(frame)
    expect(await speaker.next()).toEqual(sent)
  })

  it('stops a run', async () => {
    const { memory, person, open } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    const speaker = await open(actor)
    speaker.say({ type: 'subscribe', run: run.id })
    speaker.say({ type: 'stop', id: 'x', run: run.id })
    const frames = [await speaker.next(), await speaker.next()]
    expect(frames).toContainEqual({ type: 'stopped', id: 'x', run: run.id })
    expect(frames).toContainEqual({ type: 'event', run: run.id, seq: 1, chunk: { type: 'abort' } })
  })

  it('lets someone who may only read neither send nor stop', async () => {
    const { memory, person, open } = await startLive()
    const actor = person(['read'])
    const run = memory.begin(actor.userId)
    const speaker = await open(actor)
    speaker.say({ type: 'stop', run: run.id })
    expect(await speaker.next()).toMatchObject({ type: 'error', error: { code: 'forbidden' } })
    const message = { text: 'Hi' }
    speaker.say({ type: 'send', conversation: randomUUID(), idempotencyKey: 'k', message })
    expect(await speaker.next()).toMatchObject({ type: 'error', error: { code: 'forbidden' } })
  })

  it.each([
    ['what is not JSON', 'hello?', undefined],
    ['an unknown kind of frame', { type: 'sing', id: 'a' }, 'a'],
    ['a run that is no id', { type: 'subscribe', id: 'b', run: '1; DROP TABLE runs' }, 'b'],
    ['a negative cursor', { type: 'resume', id: 'c', run: randomUUID(), after: -1 }, 'c'],
    ['rights that a client gives itself', { type: 'ping', id: 'd', role: 'owner' }, 'd'],
    ['an array', [1, 2], undefined],
    ['null', 'null', undefined],
  ])('answers %s with an error and goes on', async (_, frame, id) => {
    const { person, open } = await startLive()
    const speaker = await open(person())
    speaker.say(frame)
    expect(await speaker.next()).toMatchObject({
      type: 'error',
      error: { code: 'invalid_input' },
      ...(id === undefined ? {} : { id }),
    })
    speaker.say({ type: 'ping' })
    expect(await speaker.next()).toEqual({ type: 'pong' })
  })

  it('ends a socket that speaks nonsense again and again', async () => {
    const { person, open } = await startLive()
    const speaker = await open(person())
    for (let count = 0; count < 6; count++) speaker.say('nonsense')
    expect((await speaker.closed).code).toBe(closeCodes.policy)
  })

  it('ends a socket that says too much at once, in frames or in pings of the protocol', async () => {
    const { person, open } = await startLive()
    const talker = await open(person())
    for (let count = 0; count < 60; count++) talker.say({ type: 'ping' })
    expect((await talker.closed).code).toBe(closeCodes.policy)
    const pinger = await open(person())
    for (let count = 0; count < 60; count++) pinger.socket.ping()
    expect((await pinger.closed).code).toBe(closeCodes.policy)
    const ponger = await open(person())
    for (let count = 0; count < 60; count++) ponger.socket.pong()
    expect((await ponger.closed).code).toBe(closeCodes.policy)
  })
})

/** A frame from a client, masked as RFC 6455 wants unless told otherwise. */
function frameOf(first: number, payload: Buffer, { masked = true } = {}): Buffer {
  const mask = masked ? randomBytes(4) : Buffer.alloc(0)
  const bit = masked ? 0x80 : 0
  const size =
    payload.length < 126
      ? Buffer.from([bit | payload.length])
      : payload.length < 65_536
        ? Buffer.from([bit | 126, payload.length >> 8, payload.length & 0xff])
        : Buffer.concat([Buffer.from([bit | 127, 0, 0, 0, 0]), uint32(payload.length)])
  const body = masked ? payload.map((byte, at) => byte ^ mask[at % 4]!) : payload
  return Buffer.concat([Buffer.from([first]), size, mask, body])
}

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

describe('bad frames', () => {
  const text = 0x81
  const ping = Buffer.from('{"type":"ping"}')

  async function closeCodeAfter(...frames: Buffer[]): Promise<number | undefined> {
    const { port, person, issue } = await startLive()
    const { socket, rest } = await rawUpgrade(port, { protocol: `nitro.v1, t.${issue(person())}` })
    for (const frame of frames) if (socket.writable) socket.write(frame)
    const bytes = Buffer.concat([rest, await readUntil(socket, (all) => closeFrameIn(Buffer.concat([rest, all])) > 0)])
    return closeFrameIn(bytes) || undefined
  }

  /** The code of the server's close frame; 0 while there is none. */
  function closeFrameIn(bytes: Buffer): number {
    for (let at = 0; at + 2 <= bytes.length;) {
      const short = bytes[at + 1]! & 0x7f
      const size = short === 126 ? bytes.readUInt16BE(at + 2) : short
      const start = at + (short === 126 ? 4 : 2)
      if ((bytes[at]! & 0x0f) === 8) return start + 2 <= bytes.length ? bytes.readUInt16BE(start) : 0
      at = start + size
    }
    return 0
  }

  it.each([
    ['a frame that is not masked', [frameOf(text, ping, { masked: false })], 1002],
    ['a reserved bit', [frameOf(text | 0x40, ping)], 1002],
    ['a reserved opcode', [frameOf(0x83, ping)], 1002],
    ['a ping of 126 bytes', [frameOf(0x89, Buffer.alloc(126))], 1002],
    ['a ping in pieces', [frameOf(0x09, Buffer.alloc(1))], 1002],
    ['a continuation of nothing', [frameOf(0x80, ping)], 1002],
    ['a new message within another', [frameOf(0x01, ping), frameOf(text, ping)], 1002],
    ['a close code that nobody may send', [frameOf(0x88, Buffer.from([0x03, 0xed]))], 1002],
    ['a close of one byte', [frameOf(0x88, Buffer.from([3]))], 1002],
    ['text that is not UTF-8', [frameOf(text, Buffer.from([0xc3, 0x28]))], 1007],
    ['a binary frame', [frameOf(0x82, ping)], 1003],
    ['64 KB and a byte', [frameOf(text, Buffer.alloc(65_537, 0x20))], 1009],
    [
      'the same in pieces',
      [frameOf(0x01, Buffer.alloc(40_000, 0x20)), frameOf(0x80, Buffer.alloc(40_000, 0x20))],
      1009,
    ],
    [
      'a thousand crumbs',
      [frameOf(0x01, ping), ...Array.from({ length: 1_000 }, () => frameOf(0, Buffer.alloc(0)))],
      1008,
    ],
  ])('closes on %s', async (_, frames, code) => {
    expect(await closeCodeAfter(...frames)).toBe(code)
  })

  it('understands a message that comes in pieces, with a ping between them', async () => {
    const { port, person, issue } = await startLive()
    const { socket, rest } = await rawUpgrade(port, { protocol: `nitro.v1, t.${issue(person())}` })
    socket.write(frameOf(0x01, ping.subarray(0, 5)))
    socket.write(frameOf(0x89, Buffer.from('hey')))
    socket.write(frameOf(0x80, ping.subarray(5)))
    const bytes = await readUntil(socket, (all) => Buffer.concat([rest, all]).includes('"pong"'))
    expect(bytes.includes(Buffer.concat([Buffer.from([0x8a, 3]), Buffer.from('hey')]))).toBe(true)
  })
})

describe('ending a socket', () => {
  it('ends the sockets of a suspended account within seconds, and does nothing more for them', async () => {
    const { memory, person, open, suspended } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    const [silent, speaking] = [await open(actor), await open(actor)]
    suspended.add(actor.userId)
    speaking.say({ type: 'subscribe', run: run.id })
    expect((await speaking.closed).code).toBe(closeCodes.revoked)
    expect((await silent.closed).code).toBe(closeCodes.revoked)
    expect(memory.openReaders()).toBe(0)
  })

  it('does nothing for anybody whose rights cannot be looked up, and goes on when they can be', async () => {
    const { memory, person, open, database } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    memory.write(run.id, { type: 'start' })
    const reader = await open(actor)
    database.isAway = true
    reader.say({ type: 'subscribe', id: 'a', run: run.id })
    expect(await reader.next()).toMatchObject({ type: 'error', id: 'a', error: { code: 'unavailable' } })
    database.isAway = false
    reader.say({ type: 'subscribe', id: 'b', run: run.id })
    expect(await reader.events(1)).toEqual([1])
  })

  it('ends the sockets of whoever got other rights, so that they come back with those', async () => {
    const { person, open, demoted } = await startLive()
    const actor = person()
    const reader = await open(actor)
    demoted.add(actor.userId)
    expect((await reader.closed).code).toBe(closeCodes.revoked)
  })

  it('drops a peer that shows no sign of life, and keeps one that only answers pings', async () => {
    const { port, person, issue, open, live } = await startLive({ pingMs: 1 })
    const answering = await open(person())
    const { socket } = await rawUpgrade(port, { protocol: `nitro.v1, t.${issue(person())}` })
    socket.resume()
    await once(socket, 'close')
    await until(() => live.connections() === 1)
    answering.say({ type: 'ping' })
    expect(await answering.next()).toEqual({ type: 'pong' })
  })

  it('asks for a new socket when one has lived its time', async () => {
    const { person, open } = await startLive({ lifeMs: 100 })
    const reader = await open(person())
    expect((await reader.closed).code).toBe(closeCodes.plannedRefresh)
  })

  it('sends readers away with "restart" when the server drains, and lets nobody in any more', async () => {
    const { live, memory, port, person, issue, open } = await startLive()
    const actor = person()
    const run = memory.begin(actor.userId)
    memory.write(run.id, { type: 'start' })
    const readers = [await open(actor), await open(actor)]
    for (const reader of readers) reader.say({ type: 'subscribe', run: run.id })
    for (const reader of readers) await reader.events(1)
    await live.close()
    for (const reader of readers) expect((await reader.closed).code).toBe(closeCodes.restart)
    expect(live.connections()).toBe(0)
    expect(memory.openReaders()).toBe(0)
    expect((await rawUpgrade(port, { protocol: `nitro.v1, t.${issue(actor)}` })).status).toBe(503)
  })

  it('does not wait for ever for a reader that does not say goodbye', async () => {
    const { live, port, person, issue } = await startLive()
    const { status } = await rawUpgrade(port, { protocol: `nitro.v1, t.${issue(person())}` })
    expect(status).toBe(101)
    await live.close()
    expect(live.connections()).toBe(0)
  })
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(10)
}

describe('the whole backend', () => {
  let backend: TestBackend
  let alice: Person
  beforeAll(async () => {
    const deltas = Array.from({ length: 40 }, (_, at) => `word${at} `)
    backend = await startBackend({ ports: { models: createScriptedLanguageModels({ deltas, delayMs: 5 }) } })
    alice = await backend.createPerson()
  })
  afterAll(() => backend.close())

  async function openAs(person: Person) {
    const response = await person.request('/api/v1/tickets', { method: 'POST', json: { kind: 'websocket' } })
    expect(response.status).toBe(201)
    const { ticket, url } = Ticket.parse(await response.json())
    expect(url).toBe(`${backend.url.replace('http', 'ws')}/ws`)
    const reader = await openSocket(Number(new URL(url).port), ['nitro.v1', `t.${ticket}`], { origin: webOrigin })
    expect(await reader.next()).toMatchObject({ type: 'hello', user: person.userId, workspace: person.workspaceId })
    return reader
  }

  async function conversationOf(person: Person): Promise<string> {
    const response = await person.request('/api/v1/conversations', { method: 'POST', json: {} })
    return ((await response.json()) as { id: string }).id
  }

  const sendFrame = (conversation: string) => ({
    type: 'send',
    id: 'send',
    conversation,
    idempotencyKey: randomUUID(),
    message: { text: 'Count' },
  })

  it('answers over a socket that is cut again and again exactly as it answers over HTTP', async () => {
    let reader = await openAs(alice)
    reader.say(sendFrame(await conversationOf(alice)))
    const sent = await reader.next()
    if (sent.type !== 'sent') throw new Error(JSON.stringify(sent))
    const chunks: NitroChunk[] = []
    for (let frames = 0; ; frames++) {
      const frame = await reader.next()
      if (frame.type !== 'event') throw new Error(JSON.stringify(frame))
      expect(frame.seq).toBe(chunks.length + 1)
      chunks.push(frame.chunk)
      if (frame.chunk.type === 'finish') break
      if (frames > 0 && frames % 9 === 0) {
        reader.socket.terminate()
        reader = await openAs(alice)
        reader.say({ type: 'resume', run: sent.run.id, after: chunks.length })
      }
    }
    const events = await alice.request(`/api/v1/runs/${sent.run.id}/events`)
    expect(chunks).toEqual(chunksIn(await events.text()))
    expect(chunks.flatMap((chunk) => (chunk.type === 'text-delta' ? [chunk.delta] : [])).join('')).toMatch(
      /^word0 .*word39/,
    )
  })

  it('stops an answer, and shows nothing of it to anybody else', async () => {
    const bob = await backend.createPerson()
    const [reader, stranger] = [await openAs(alice), await openAs(bob)]
    const conversation = await conversationOf(alice)
    stranger.say(sendFrame(conversation))
    expect(await stranger.next()).toMatchObject({ type: 'error', error: { code: 'not_found' } })
    reader.say(sendFrame(conversation))
    const sent = await reader.next()
    if (sent.type !== 'sent') throw new Error(JSON.stringify(sent))
    for (const type of ['subscribe', 'stop']) {
      stranger.say({ type, run: sent.run.id })
      expect(await stranger.next()).toMatchObject({ type: 'error', error: { code: 'not_found' } })
    }
    reader.say({ type: 'stop', id: 'stop', run: sent.run.id })
    const types: string[] = []
    while (!types.includes('abort')) {
      const frame = await reader.next()
      types.push(frame.type === 'event' ? frame.chunk.type : frame.type)
    }
    expect(types).toContain('stopped')
    expect(types).not.toContain('finish')
  })

  it('ends the sockets of an account that is suspended', async () => {
    const mallory = await backend.createPerson()
    const reader = await openAs(mallory)
    await backend.ports.connection.query('UPDATE users SET suspended_at = now() WHERE id = $1::uuid', [mallory.userId])
    expect((await reader.closed).code).toBe(closeCodes.revoked)
  })

  it('answers nothing but an upgrade at its address', async () => {
    expect((await fetch(`${backend.url}/ws`)).status).toBe(401)
    const response = await alice.request('/ws')
    expect(response.status).toBe(404)
  })
})

it('counts each frame that asks for something, and says in a frame that there have been too many', async () => {
  const { open, person, requests } = await startLive()
  const socket = await open(person())
  requests.left = 1
  const run = randomUUID()
  socket.say({ type: 'subscribe', id: 'a', run })
  expect(await socket.next()).toMatchObject({ type: 'error', id: 'a', error: { code: 'not_found' } })
  socket.say({ type: 'ping', id: 'b' })
  expect(await socket.next()).toEqual({ type: 'pong', id: 'b' })
  socket.say({ type: 'unsubscribe', id: 'c', run })
  socket.say({ type: 'stop', id: 'd', run })
  expect(await socket.next()).toEqual({
    type: 'error',
    id: 'd',
    error: { code: 'rate_limited', message: 'Your requests are used up. Try again later.' },
  })
})
