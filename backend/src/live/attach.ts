import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import { closeCodes, liveProtocol } from '@nitroagi/shared/live'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Actor } from '../call.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Runs } from '../services/port.ts'
import { addressBehind } from '../http/rate-limits.ts'
import type { RateLimits } from '../services/rate-limits.ts'
import type { RefusedCredentials } from '../services/refused-credentials.ts'
import { createAudience, type CurrentActor } from './audience.ts'
import { createConnection, type Connection } from './connection.ts'
import { isWebSocket, readOffer, refuseUpgrade } from './handshake.ts'

const tickMs = 1_000
/** How long a socket may take to say goodbye, and all of them together when the process ends. */
const closeMs = 2_000

export interface LiveDependencies {
  runs: Runs
  /** Spends the ticket: it opens one socket, from the Origin that it was made for. Rejects with `unauthenticated`. */
  tickets: { consume(kind: 'websocket', ticket: string, origin: string): Promise<Actor> }
  /** Asked before every frame and once a second for everyone, so it answers from a cache of a few seconds. */
  accounts: { current: CurrentActor }
  /** Each frame that asks for something is a request of its own. */
  rateLimits: Pick<RateLimits, 'count'>
  refusedCredentials: RefusedCredentials
  /** How many proxies of ours stand in front. */
  trustedProxies: number
  /** Compared whole and exactly, such as `https://nitro.example`. */
  allowedOrigins: readonly string[]
  log: Log
  metrics: Pick<Metrics, 'streamOpened'>
  version: string
  /** A socket's whole life, and the time between two signs of it; tests shorten them. */
  lifeMs?: number
  pingMs?: number
}

export interface Live {
  /** Takes no more sockets and ends those there are with 1012, so that readers go on elsewhere from their cursor. */
  close(): Promise<void>
  connections(): number
}

/** Some of these are newer than the types of ws, which is why they are not written where they are used. */
const serverOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: limits.webSocketFrameBytes,
  // A message in thousands of crumbs costs more than it says.
  maxFragments: 128,
  maxBufferedChunks: 4_096,
  closeTimeout: closeMs,
  handleProtocols: () => liveProtocol,
}

/** The WebSocket door at `/ws`, on the server that also answers HTTP. */
export function attachLive(server: Server, dependencies: LiveDependencies): Live {
  const { tickets, allowedOrigins, log, metrics, accounts } = dependencies
  const lifeMs = dependencies.lifeMs ?? limits.webSocketMinutes * 60_000
  const pingMs = dependencies.pingMs ?? 20_000
  const audience = createAudience<Connection>({ current: (actor) => accounts.current(actor), log })
  const sockets = new WebSocketServer(serverOptions)
  let isClosing = false

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer, requestId: string): Promise<void> {
    const offer = readOffer(request, allowedOrigins)
    if (isClosing) throw restarting()
    const actor = await dependencies.refusedCredentials.watch(
      { address: addressOf(request), credential: offer.ticket },
      () => tickets.consume('websocket', offer.ticket, offer.origin),
    )
    if (isClosing) throw restarting()
    if (socket.destroyed) return
    sockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, socket, actor, requestId))
  }

  const addressOf = ({ socket, headers }: IncomingMessage) =>
    addressBehind(dependencies.trustedProxies, socket.remoteAddress, headers['x-forwarded-for']?.toString())

  function open(webSocket: WebSocket, socket: Duplex, actor: Actor, socketId: string): void {
    const connection = createConnection({
      ...dependencies,
      webSocket,
      socket,
      actor,
      socketId,
      // Sockets that were opened together do not all come back together.
      lifeMs: lifeMs * (0.9 + 0.1 * Math.random()),
      pingMs,
    })
    // Said after the upgrade: a page is told a close code, but never the status of a refused upgrade.
    if (audience.socketsOf(actor.userId) >= limits.webSocketsPerUser) {
      webSocket.close(closeCodes.tooMany, 'too many sockets')
      return
    }
    log.info('socket-start', { socketId, userId: actor.userId, workspaceId: actor.workspaceId })
    webSocket.once('close', metrics.streamOpened('websocket'))
    connection.open(audience.join(actor, connection))
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const requestId = randomUUID()
    // Until ws takes over, nobody else hears of a peer that vanishes.
    const onError = () => socket.destroy()
    socket.on('error', onError)
    admit(request, socket, head, requestId)
      .catch((error: unknown) => {
        const known = error instanceof NitroError ? error : undefined
        if (!known) log.error('socket-refused', { requestId, error })
        refuseUpgrade(socket, known ?? new NitroError('internal', 'Something went wrong here. Try again.'), requestId)
      })
      .finally(() => socket.off('error', onError).on('error', () => {}))
  }
  server.on('upgrade', onUpgrade)
  // Offers of other protocols are ordinary requests: Java's client offers h2c with the first one it sends.
  Object.assign(server, { shouldUpgradeCallback: isWebSocket } satisfies Pick<ServerOptions, 'shouldUpgradeCallback'>)

  const timer = setInterval(() => {
    const now = performance.now()
    for (const connection of audience.members()) connection.tick(now)
    audience.recheck()
  }, tickMs)
  timer.unref()

  async function emptied(atMostMs: number): Promise<void> {
    const until = performance.now() + atMostMs
    while (audience.size() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  return {
    connections: () => audience.size(),
    async close() {
      isClosing = true
      for (const connection of audience.members()) connection.drain()
      await emptied(closeMs)
      for (const connection of audience.members()) connection.terminate()
      // A socket tells of its end in a later turn.
      await emptied(closeMs)
      clearInterval(timer)
    },
  }
}

const restarting = () => new NitroError('unavailable', 'The server is restarting. Come back in a moment.')
