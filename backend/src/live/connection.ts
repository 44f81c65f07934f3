import type { Duplex } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { closeCodes, type ServerFrame } from '@nitroagi/shared/live'
import { WebSocket } from 'ws'
import type { Actor } from '../call.ts'
import type { Log } from '../log.ts'
import type { Runs } from '../services/port.ts'
import type { RateLimits } from '../services/rate-limits.ts'
import type { Membership } from './audience.ts'
import { createPulse } from './pulse.ts'
import { readFrame } from './read-frame.ts'
import { createRequests, type Request } from './requests.ts'
import { createSubscriptions } from './subscriptions.ts'

const badFramesAllowed = 5
/** Frames that wait for an earlier one; beyond that nothing more is read from the socket. */
const waitingFrames = 16

export interface ConnectionDependencies {
  webSocket: WebSocket
  socket: Duplex
  actor: Actor
  runs: Runs
  rateLimits: Pick<RateLimits, 'count'>
  log: Log
  version: string
  socketId: string
  lifeMs: number
  pingMs: number
}

export type Connection = ReturnType<typeof createConnection>

/** One socket of one actor: reads its frames in order, and ends it when there is a reason to. */
export function createConnection(dependencies: ConnectionDependencies) {
  const { webSocket, actor, log, version, socketId, lifeMs } = dependencies
  const openedAt = performance.now()
  const pulse = createPulse(dependencies)
  const subscriptions = createSubscriptions({
    ...dependencies,
    onEnd: (run, error) => requests.refuse(error, { run }),
  })
  const requests = createRequests({ ...dependencies, subscriptions, send })
  let membership: Membership | undefined
  let frames = 0
  let badFrames = 0
  let waiting = 0
  let work: Promise<void> = Promise.resolve()

  const isOpen = () => webSocket.readyState === WebSocket.OPEN
  const revoke = () => close(closeCodes.revoked, 'rights have changed')

  function send(frame: ServerFrame): void {
    if (isOpen()) webSocket.send(JSON.stringify(frame))
  }

  function close(code: number, reason: string): void {
    subscriptions.endAll()
    webSocket.close(code, reason)
  }

  function onMessage(data: Buffer, isBinary: boolean): void {
    pulse.heard()
    if (!isOpen()) return
    if (isBinary) return close(closeCodes.notText, 'frames are JSON text')
    if (!pulse.mayGoOn()) return close(closeCodes.policy, 'too many messages')
    frames++
    const read = readFrame(data)
    if (!read.frame) {
      requests.refuse(new NitroError('invalid_input', read.problem), { id: read.id })
      if (++badFrames > badFramesAllowed) close(closeCodes.policy, 'too many invalid frames')
    } else if (read.frame.type === 'ping') send({ type: 'pong', id: read.frame.id })
    else enqueue(read.frame)
  }

  function enqueue(request: Request): void {
    if (++waiting === waitingFrames) webSocket.pause()
    work = work
      .then(() => handle(request))
      .finally(() => {
        if (--waiting === waitingFrames - 1 && webSocket.isPaused) webSocket.resume()
      })
  }

  async function handle(request: Request): Promise<void> {
    if (!isOpen()) return
    try {
      if (!(await membership?.isAllowed())) return revoke()
    } catch (error) {
      return requests.refuse(error, { id: request.id })
    }
    if (isOpen()) await requests.perform(request)
  }

  webSocket.on('message', onMessage)
  // A ping costs an answer, as a message does; millions of pongs that nobody asked for cost as much to read.
  for (const sign of ['ping', 'pong'] as const) {
    webSocket.on(sign, () => {
      pulse.heard()
      if (isOpen() && !pulse.mayGoOn()) close(closeCodes.policy, 'too many messages')
    })
  }
  // Broken frames end here too; ws has then closed with the code that RFC 6455 gives.
  webSocket.on('error', () => {})
  webSocket.on('close', (code) => {
    subscriptions.endAll()
    requests.abort()
    membership?.leave()
    const durationMs = Math.round(performance.now() - openedAt)
    log.info('socket-end', { socketId, userId: actor.userId, code, frames, durationMs })
  })

  return {
    revoke,
    open(joined: Membership): void {
      membership = joined
      send({ type: 'hello', version, user: actor.userId, workspace: actor.workspaceId })
    },
    /** Once a second for every socket: none has a timer of its own. */
    tick(now: number): void {
      if (!isOpen()) return
      if (now - openedAt >= lifeMs) close(closeCodes.plannedRefresh, 'planned refresh')
      else if (!pulse.beat(now)) close(closeCodes.idle, 'no sign of life')
    },
    drain: () => close(closeCodes.restart, 'restart'),
    terminate: () => webSocket.terminate(),
  }
}
