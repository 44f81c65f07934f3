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
  /** Calls `wake` at every append and at the end, until what comes back is called. */
  onChange(wake: () => void): () => void
}

export function createRunFeed(base = 0): RunFeed {
  const events: LoggedEvent[] = []
  let ended = false
  const readers = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of readers) wake()
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
      wakeAll()
    },
    end() {
      ended = true
      wakeAll()
    },
    since: (after) => events.slice(Math.max(0, after - base)),
    onChange(wake) {
      readers.add(wake)
      return () => readers.delete(wake)
    },
  }
}

/** Chunks are serialised with their type first, so a log line tells without being parsed whether it is the last. */
export const isTerminalJson = (json: string): boolean => /^\{"type":"(finish|abort|error)"/.test(json)
