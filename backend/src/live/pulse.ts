import type { Duplex } from 'node:stream'
import { limits } from '@nitroagi/shared/limits'
import type { WebSocket } from 'ws'

/** Pings that may stay unanswered. Behind a full buffer a ping waits its turn, so a slow reader gets longer. */
const missedPings = { idle: 2, backlogged: 6 }

interface Dependencies {
  webSocket: WebSocket
  socket: Duplex
  pingMs: number
}

/** How much one peer says, and whether it is still there. */
export function createPulse({ webSocket, socket, pingMs }: Dependencies) {
  const rate: number = limits.webSocketMessagesPerSecond
  let allowance = rate
  let allowanceAt = performance.now()
  let nextPingAt = allowanceAt + pingMs
  let missed = 0

  return {
    /** Any sign of life will do. */
    heard: () => void (missed = 0),

    /** A leaky bucket: false when the peer says more than it may. */
    mayGoOn(): boolean {
      const now = performance.now()
      allowance = Math.min(rate, allowance + ((now - allowanceAt) / 1000) * rate)
      allowanceAt = now
      return --allowance >= 0
    },

    /** Pings when it is time to; false when the peer has been silent for too long. */
    beat(now: number): boolean {
      if (now < nextPingAt) return true
      nextPingAt = now + pingMs
      const allowed = socket.writableLength > 0 ? missedPings.backlogged : missedPings.idle
      // A paused socket cannot be heard; that is our doing, not theirs.
      if (missed >= allowed && !webSocket.isPaused) return false
      missed++
      webSocket.ping()
      return true
    },
  }
}
