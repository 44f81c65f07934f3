import type { LoggedEvent } from '../services/port.ts'

/** The durable events of one run that is being written, in memory, for the readers that follow it. */
export interface RunFeed {
  /** Everything up to this `seq` is in the database only. */
  readonly base: number
  readonly lastSeq: number
  readonly ended: boolean
  append(events: readonly LoggedEvent[]): void
  /** No more will come; readers finish with what is there. */
  end(): void
  /** What came after `after`, which is at least `base`. */
  since(after: number): LoggedEvent[]
  /** Resolves at the next append or end, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>
}

export function createRunFeed(base = 0): RunFeed {
  const events: LoggedEvent[] = []
  let ended = false
  let change = Promise.withResolvers<void>()

  const wake = () => {
    change.resolve()
    change = Promise.withResolvers()
  }

  return {
    base,
    get lastSeq() {
      return base + events.length
    },
    get ended() {
      return ended
    },
    append(added) {
      for (const event of added) events.push(event)
      wake()
    },
    end() {
      ended = true
      wake()
    },
    since: (after) => events.slice(Math.max(0, after - base)),
    changed: (signal) => untilAborted(change.promise, signal),
  }
}

/** Waits for the promise, but no longer than the signal lets it; leaves no listener behind. */
export function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Chunks are serialised with their type first, so a log line tells without being parsed whether it is the last. */
export const isTerminalJson = (json: string): boolean => /^\{"type":"(finish|abort|error)"/.test(json)
