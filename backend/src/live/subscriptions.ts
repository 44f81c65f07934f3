import type { Duplex } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { WebSocket } from 'ws'
import type { Call } from '../call.ts'
import type { LoggedEvent, Runs } from '../services/port.ts'

/** What a slow reader has not taken yet stays in the log, beyond this much. */
const bufferedBytes = 1024 * 1024

interface Dependencies {
  runs: Pick<Runs, 'events'>
  webSocket: WebSocket
  /** The stream below the WebSocket: the only one that tells when it is drained. */
  socket: Duplex
  onEnd(runId: string, error: unknown): void
}

/** The runs that one socket follows, each as a cursor in that run's log. */
export function createSubscriptions({ runs, webSocket, socket, onEnd }: Dependencies) {
  const cursors = new Map<string, AbortController>()
  let draining: Promise<void> | undefined

  async function follow(runId: string, batches: AsyncIterable<LoggedEvent[]>, cursor: AbortController) {
    let failure: unknown
    try {
      for await (const batch of batches) {
        await sendBatch(runId, batch, cursor.signal)
        if (cursor.signal.aborted) return
      }
    } catch (error) {
      failure = error
    }
    if (cursors.get(runId) === cursor) cursors.delete(runId)
    if (failure !== undefined && !cursor.signal.aborted) onEnd(runId, failure)
  }

  async function sendBatch(runId: string, batch: LoggedEvent[], signal: AbortSignal): Promise<void> {
    // Corked, a batch is one write to the network however many frames it is.
    socket.cork()
    try {
      for (const { seq, json } of batch) {
        if (socket.writableLength > bufferedBytes) {
          socket.uncork()
          await drained(signal)
          socket.cork()
        }
        if (signal.aborted) return
        webSocket.send(`{"type":"event","run":"${runId}","seq":${seq},"chunk":${json}}`)
      }
    } finally {
      socket.uncork()
    }
  }

  async function drained(signal: AbortSignal): Promise<void> {
    while (!socket.destroyed && !signal.aborted && socket.writableLength > bufferedBytes) {
      await (draining ??= new Promise<void>((resolve) => {
        const done = () => {
          draining = undefined
          socket.off('drain', done).off('close', done)
          resolve()
        }
        socket.on('drain', done).on('close', done)
      }))
    }
  }

  return {
    has: (runId: string) => cursors.has(runId),

    /** From after `after` on; takes the place of an earlier cursor in the same run. Rejects as `runs.events` does. */
    async start(call: Call, runId: string, after: number): Promise<void> {
      cursors.get(runId)?.abort()
      cursors.delete(runId)
      if (cursors.size >= limits.webSocketSubscriptions) {
        throw new NitroError('rate_limited', `One socket follows at most ${limits.webSocketSubscriptions} runs`)
      }
      const cursor = new AbortController()
      cursors.set(runId, cursor)
      try {
        void follow(runId, await runs.events({ ...call, signal: cursor.signal }, runId, after), cursor)
      } catch (error) {
        cursors.delete(runId)
        throw error
      }
    },

    end(runId: string): void {
      cursors.get(runId)?.abort()
      cursors.delete(runId)
    },

    endAll(): void {
      for (const cursor of cursors.values()) cursor.abort()
      cursors.clear()
    },
  }
}
