import { setTimeout as sleep } from 'node:timers/promises'
import type { NitroChunk } from '@nitroagi/shared/runs'
import type { Log } from '../log.ts'
import type { EventRow, Lease, LoggedRow } from '../ports/database/runs-port.ts'
import type { RunFeed } from './run-feed.ts'

/** The one writer of a process: what all its runs say goes to the database in one statement per tick, then to readers. */
export interface EventWriter {
  open(lease: Lease, feed: RunFeed, onLost: () => void): RunLog
}

export interface RunLog {
  /** Queues a chunk. Await what it returns before saying more: it holds a run back that is far ahead of the disk. */
  write(chunk: NitroChunk): Promise<void> | undefined
  /**
   * Stops the log and gives what is not yet in the database, in order, with its `seq`: the caller stores it together
   * with the run's end. Waits for the statement under way.
   */
  take(last: readonly NitroChunk[]): Promise<LoggedRow[]>
  /** Forgets what is not written yet. */
  discard(): void
}

interface OpenLog {
  lease: Lease
  feed: RunFeed
  onLost: () => void
  pending: NitroChunk[]
  pendingCharacters: number
  seq: number
  saidSomething: boolean
  closed: boolean
}

/** A run may be this far ahead of the database before it has to wait. */
const maxPendingCharacters = 256 * 1024

export function createEventWriter(options: {
  append(events: readonly EventRow[]): Promise<Set<string>>
  log: Log
  tickMs?: number
}): EventWriter {
  const { append, log, tickMs = 25 } = options
  const dirty = new Set<OpenLog>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | undefined
  let isUrgent = false

  return { open }

  function open(lease: Lease, feed: RunFeed, onLost: () => void): RunLog {
    const run: OpenLog = {
      lease,
      feed,
      onLost,
      pending: [],
      pendingCharacters: 0,
      seq: 0,
      saidSomething: false,
      closed: false,
    }
    return {
      write(chunk) {
        if (run.closed) return undefined
        queue(run, chunk)
        // The first words are what somebody waits for; everything after them rides the tick.
        schedule(!run.saidSomething && chunk.type === 'text-delta')
        if (chunk.type === 'text-delta') run.saidSomething = true
        return run.pendingCharacters > maxPendingCharacters ? nextFlush() : undefined
      },
      async take(last) {
        run.closed = true
        while (flushing) await flushing
        dirty.delete(run)
        return serialise(run, [...run.pending.splice(0), ...last])
      },
      discard() {
        run.closed = true
        run.pending = []
        dirty.delete(run)
      },
    }
  }

  function queue(run: OpenLog, chunk: NitroChunk): void {
    const previous = run.pending.at(-1)
    if (chunk.type === 'text-delta' && previous?.type === 'text-delta' && previous.id === chunk.id) {
      run.pending[run.pending.length - 1] = { ...previous, delta: previous.delta + chunk.delta }
    } else {
      run.pending.push(chunk)
    }
    run.pendingCharacters += 'delta' in chunk && typeof chunk.delta === 'string' ? chunk.delta.length : 256
    dirty.add(run)
  }

  function schedule(urgent: boolean): void {
    isUrgent ||= urgent
    if (flushing) return
    if (isUrgent) {
      clearTimeout(timer)
      timer = undefined
      void flush()
    } else {
      timer ??= setTimeout(() => {
        timer = undefined
        void flush()
      }, tickMs)
    }
  }

  async function nextFlush(): Promise<void> {
    if (!flushing) schedule(true)
    await flushing
  }

  function flush(): Promise<void> {
    isUrgent = false
    flushing = writeAll().finally(() => {
      flushing = undefined
      if (dirty.size > 0) schedule(false)
    })
    return flushing
  }

  async function writeAll(): Promise<void> {
    const batch = [...dirty].map((run) => ({ run, rows: serialise(run, run.pending.splice(0)) }))
    for (const { run } of batch) run.pendingCharacters = 0
    dirty.clear()
    const events = batch.flatMap(({ run, rows }) => rows.map((row) => ({ ...run.lease, ...row })))
    const lost = await appendUntilDone(events)
    for (const { run, rows } of batch) {
      if (!lost.has(run.lease.runId)) run.feed.append(rows)
      else {
        run.closed = true
        run.onLost()
      }
    }
  }

  /** The database may be away for a while: the events wait here, in order, until it is back or their lease is lost. */
  async function appendUntilDone(events: readonly EventRow[]): Promise<Set<string>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return events.length > 0 ? await append(events) : new Set()
      } catch (error) {
        if (attempt === 0) log.error('event-append-failed', { error, events: events.length })
        await sleep(Math.min(2_000, 100 * 2 ** attempt))
      }
    }
  }
}

function serialise(run: OpenLog, chunks: readonly NitroChunk[]): LoggedRow[] {
  return chunks.map((chunk) => ({ seq: ++run.seq, json: JSON.stringify(chunk) }))
}
