import type { Duplex } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import { ClientFrame, closeCodes, type ServerFrame } from '@nitroagi/shared/live'
import { WebSocket } from 'ws'
import type { Actor, Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { Runs } from '../services/port.ts'
import type { Membership } from './audience.ts'
import { createSubscriptions } from './subscriptions.ts'

const pingMs = 20_000
/** Pings that may stay unanswered. Behind a full buffer a ping waits its turn, so a slow reader gets longer. */
const missedPings = { idle: 2, backlogged: 6 }
const badFramesAllowed = 5
/** Frames that wait for an earlier one; beyond that nothing more is read from the socket. */
const waitingFrames = 16

export interface ConnectionDependencies {
  webSocket: WebSocket
  socket: Duplex
  actor: Actor
  runs: Runs
  log: Log
  version: string
  socketId: string
  lifeMs: number
}

/** One socket of one actor. Every frame is a request of its own: parsed, authorised and answered as one. */
export function createConnection({
  webSocket,
  socket,
  actor,
  runs,
  log,
  version,
  socketId,
  lifeMs,
}: ConnectionDependencies) {
  const openedAt = performance.now()
  const subscriptions = createSubscriptions({
    runs,
    webSocket,
    socket,
    onEnd: (run, error) => refuse(error, { run }),
  })
  let membership: Membership | undefined
  let abort: AbortController | undefined
  let frames = 0
  let badFrames = 0
  let waiting = 0
  let work: Promise<void> = Promise.resolve()
  let allowance = limits.webSocketMessagesPerSecond as number
  let allowanceAt = openedAt
  let nextPingAt = openedAt + pingMs
  let missed = 0

  const isOpen = () => webSocket.readyState === WebSocket.OPEN
  const send = (frame: ServerFrame) => {
    if (isOpen()) webSocket.send(JSON.stringify(frame))
  }
  const close = (code: number, reason: string) => {
    subscriptions.endAll()
    webSocket.close(code, reason)
  }

  /** A leaky bucket, for pings of the protocol as well: each of them costs an answer. */
  function mayGoOn(): boolean {
    const now = performance.now()
    const rate = limits.webSocketMessagesPerSecond
    allowance = Math.min(rate, allowance + ((now - allowanceAt) / 1000) * rate)
    allowanceAt = now
    if (--allowance >= 0) return true
    close(closeCodes.policy, 'too many messages')
    return false
  }

  function refuse(error: unknown, about: { id?: string | undefined; run?: string | undefined }): void {
    if (error instanceof NitroError) {
      if (error.code === 'gone' && about.run) return send({ type: 'gone', ...definedOf(about), run: about.run })
      return send({ type: 'error', ...definedOf(about), error: { code: error.code, message: error.message } })
    }
    if (!isOpen()) return
    log.error('socket-frame-failed', { socketId, error })
    send({
      type: 'error',
      ...definedOf(about),
      error: { code: 'internal', message: 'Something went wrong here. Try again.' },
    })
  }

  async function handle(frame: ClientFrame): Promise<void> {
    if (!isOpen()) return
    try {
      if (!(await membership?.isAllowed())) return revoke()
      if (!isOpen()) return
      await perform(frame)
    } catch (error) {
      const isSubscribing = frame.type === 'subscribe' || frame.type === 'resume'
      refuse(error, { id: frame.id, ...(isSubscribing ? { run: frame.run } : {}) })
    }
  }

  async function perform(frame: ClientFrame): Promise<void> {
    const { id } = frame
    switch (frame.type) {
      case 'ping':
        return
      case 'subscribe':
        requireScope('read')
        return subscriptions.start(callOf(), frame.run, 0)
      case 'resume':
        requireScope('read')
        return subscriptions.start(callOf(), frame.run, frame.after)
      case 'unsubscribe':
        return subscriptions.end(frame.run)
      case 'send': {
        requireScope('chat')
        const run = await runs.send(callOf(), frame.conversation, frame.message, frame.idempotencyKey)
        send({ type: 'sent', ...definedOf({ id }), run })
        if (!subscriptions.has(run.id)) {
          await subscriptions.start(callOf(), run.id, 0).catch((error: unknown) => refuse(error, { id, run: run.id }))
        }
        return
      }
      case 'stop':
        requireScope('chat')
        await runs.stop(callOf(), frame.run)
        return send({ type: 'stopped', ...definedOf({ id }), run: frame.run })
    }
  }

  function requireScope(scope: Scope): void {
    if (!actor.scopes.includes(scope)) throw new NitroError('forbidden', `This needs the "${scope}" right`)
  }

  const callOf = (): Call => {
    abort ??= new AbortController()
    const requestId = `${socketId}-${frames}`
    return {
      actor,
      requestId,
      signal: abort.signal,
      log: log.with({ requestId, userId: actor.userId, workspaceId: actor.workspaceId }),
    }
  }

  function enqueue(frame: ClientFrame): void {
    if (++waiting === waitingFrames) webSocket.pause()
    work = work
      .then(() => handle(frame))
      .finally(() => {
        if (--waiting === waitingFrames - 1 && webSocket.isPaused) webSocket.resume()
      })
  }

  webSocket.on('message', (data: Buffer, isBinary) => {
    missed = 0
    if (!isOpen()) return
    if (isBinary) return close(closeCodes.notText, 'frames are JSON text')
    if (!mayGoOn()) return
    frames++
    const read = readFrame(data)
    if (!read.frame) {
      refuse(new NitroError('invalid_input', read.problem), { id: read.id })
      if (++badFrames > badFramesAllowed) close(closeCodes.policy, 'too many invalid frames')
    } else if (read.frame.type === 'ping') send({ type: 'pong', ...definedOf({ id: read.frame.id }) })
    else enqueue(read.frame)
  })
  webSocket.on('pong', () => void (missed = 0))
  webSocket.on('ping', () => {
    missed = 0
    if (isOpen()) mayGoOn()
  })
  // Broken frames end here too; ws has then closed with the code that RFC 6455 gives.
  webSocket.on('error', () => {})
  webSocket.on('close', (code) => {
    subscriptions.endAll()
    abort?.abort(new NitroError('unavailable', 'The socket is closed'))
    membership?.leave()
    log.info('socket-end', {
      socketId,
      userId: actor.userId,
      code,
      frames,
      durationMs: Math.round(performance.now() - openedAt),
    })
  })

  function revoke(): void {
    close(closeCodes.revoked, 'rights have changed')
  }

  return {
    revoke,
    open(joined: Membership): void {
      membership = joined
      send({ type: 'hello', version, user: actor.userId, workspace: actor.workspaceId })
    },
    /** Once a second for every socket: none has a timer of its own. */
    tick(now: number): void {
      if (!isOpen()) return
      if (now - openedAt >= lifeMs) return close(closeCodes.plannedRefresh, 'planned refresh')
      if (now < nextPingAt) return
      nextPingAt = now + pingMs
      const allowed = socket.writableLength > 0 ? missedPings.backlogged : missedPings.idle
      // A paused socket cannot be heard; that is our doing, not theirs.
      if (missed >= allowed && !webSocket.isPaused) return close(closeCodes.idle, 'no sign of life')
      missed++
      webSocket.ping()
    },
    drain: () => close(closeCodes.restart, 'restart'),
    terminate: () => webSocket.terminate(),
  }
}

export type Connection = ReturnType<typeof createConnection>

function readFrame(
  data: Buffer,
): { frame: ClientFrame } | { frame: undefined; problem: string; id: string | undefined } {
  let value: unknown
  try {
    value = JSON.parse(data.toString())
  } catch {
    return { frame: undefined, problem: 'A frame must be JSON', id: undefined }
  }
  const parsed = ClientFrame.safeParse(value)
  if (parsed.success) return { frame: parsed.data }
  const issue = parsed.error.issues[0]
  const path = issue?.path.map(String).join('.')
  const problem = issue ? (path ? `${path}: ${issue.message}` : issue.message) : 'This frame is not understood'
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return { frame: undefined, problem, id: typeof id === 'string' && id.length <= 100 ? id : undefined }
}

/** Leaves out what is undefined, as JSON would, but in the types too. */
const definedOf = <Fields extends Record<string, string | undefined>>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: string
  }
