import { NitroError } from '@nitroagi/shared/errors'
import { isTerminal, type NitroChunk, type RunEvent } from '@nitroagi/shared/runs'
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream'
import { readFailure } from './answer.ts'
import { backoffMs, isPassing, wait } from './backoff.ts'
import { proxyBase } from './request.ts'

export type Connection = 'open' | 'lost'

export type ReadOptions = {
  signal?: AbortSignal
  /** The last `seq` that is already known. */
  after?: number
  base?: string
  /** Called whenever the line opens or breaks, for a word to the person. */
  onConnection?: (connection: Connection) => void
}

/** A line that says nothing for this long, not even a heartbeat, is taken for dead. */
const silenceMs = 45_000

/**
 * Every event of a run after `after`, each once and in order, until the terminal one, however often the line is
 * cut on the way. Throws `NitroError` when the run is not ours to read or its log is gone.
 */
export async function* readRunEvents(runId: string, options: ReadOptions = {}): AsyncGenerator<RunEvent> {
  let seen = options.after ?? 0
  for await (const message of readMessages(`/runs/${runId}/events`, () => seen, options)) {
    const event = parseRunEvent(message)
    // A server may repeat what it sent just before the cut.
    if (!event || event.seq <= seen) continue
    seen = event.seq
    yield event
    if (isTerminal(event.chunk)) return
  }
}

/** Messages of a server-sent stream, reconnecting for ever; ends only when the signal aborts. */
export async function* readMessages(
  path: string,
  cursor: () => number,
  { signal, base = proxyBase, onConnection }: ReadOptions = {},
): AsyncGenerator<EventSourceMessage> {
  for (let attempt = 0; !signal?.aborted; attempt++) {
    const line = new AbortController()
    const end = () => line.abort()
    signal?.addEventListener('abort', end)
    let pause = 0
    try {
      for await (const message of readOnce(base + path, cursor(), line, () => onConnection?.('open'))) {
        attempt = 0
        yield message
      }
    } catch (error) {
      if (signal?.aborted) return
      if (!isPassing(error) && !line.signal.aborted) throw error
      pause = error instanceof NitroError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
    } finally {
      signal?.removeEventListener('abort', end)
      // Also when the reader stops early: the connection must not stay behind.
      line.abort()
    }
    onConnection?.('lost')
    await wait(Math.max(pause, backoffMs(attempt)), signal)
  }
}

async function* readOnce(
  url: string,
  after: number,
  line: AbortController,
  onOpen: () => void,
): AsyncGenerator<EventSourceMessage> {
  let watchdog = setTimeout(() => line.abort(), silenceMs)
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...(after > 0 ? { 'last-event-id': String(after) } : {}) },
      cache: 'no-store',
      signal: line.signal,
    })
    if (!response.ok) throw await readFailure(response)
    if (!response.body) return
    onOpen()
    const alive = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        clearTimeout(watchdog)
        watchdog = setTimeout(() => line.abort(), silenceMs)
        controller.enqueue(bytes)
      },
    })
    const reader = response.body
      .pipeThrough(alive)
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream())
      .getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    clearTimeout(watchdog)
  }
}

function parseRunEvent({ id, data }: EventSourceMessage): RunEvent | undefined {
  const seq = Number(id)
  if (!Number.isInteger(seq) || seq < 1 || data === '[DONE]') return undefined
  try {
    return { seq, chunk: JSON.parse(data) as NitroChunk }
  } catch {
    return undefined
  }
}
