import { NitroError } from '@nitroagi/shared/errors'
import type { Log } from '../log.ts'
import type { LoggedEvent } from '../services/port.ts'
import type { RunRow, RunsRepository } from '../ports/database/runs-port.ts'
import { isFinal } from '@nitroagi/shared/runs'
import type { LiveRuns } from './live-runs.ts'
import { createRunFeed, isTerminalJson, type RunFeed } from './run-feed.ts'

const pageSize = 500
const pollMs = 100

/** Readers of run logs, wherever the run is written: cursors that replay and then follow. */
export function createEventReader({
  liveRuns,
  repository,
  log,
}: {
  liveRuns: LiveRuns
  repository: RunsRepository
  log: Log
}) {
  const foreign = createForeignFeeds(repository, log)
  return { read, close: foreign.close }

  /** The caller has checked that the run may be read. Rejects with `gone` when its log is no longer there. */
  async function read(run: ReadableRun, after: number, signal: AbortSignal): Promise<AsyncIterable<LoggedEvent[]>> {
    const own = liveRuns.get(run.id)?.feed
    if (own) return followFeed(own, after, signal)
    const first = await repository.events(run.id, after, pageSize)
    if (first.length === 0 && isFinal(run.status) && after < run.lastSeq) {
      throw new NitroError('gone', 'The log of this answer has been cleared. Read the message instead.')
    }
    return replay(run, first, after, signal)
  }

  /** What is stored, page by page, and then what the process that writes the run adds. */
  async function* replay(run: ReadableRun, first: LoggedEvent[], after: number, signal: AbortSignal) {
    let cursor = after
    for (let page = first; ; page = await repository.events(run.id, cursor, pageSize)) {
      if (page.length > 0) yield page
      cursor = page.at(-1)?.seq ?? cursor
      if (signal.aborted || page.some((event) => isTerminalJson(event.json))) return
      if (page.length < pageSize) break
    }
    if (isFinal(run.status)) return
    const feed = foreign.join(run.id, cursor)
    try {
      yield* followFeed(feed, cursor, signal)
    } finally {
      foreign.leave(run.id, feed)
    }
  }
}

type ReadableRun = Pick<RunRow, 'id' | 'status' | 'lastSeq'>

async function* followFeed(feed: RunFeed, after: number, signal: AbortSignal): AsyncGenerator<LoggedEvent[]> {
  let cursor = after
  // One listener a reader, not one a wait: a run wakes its readers forty times a second.
  let wake = () => {}
  const onAbort = () => wake()
  const leave = feed.onChange(() => wake())
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const events = feed.since(cursor)
      if (events.length > 0) {
        cursor = events.at(-1)?.seq ?? cursor
        yield events
        if (events.some((event) => isTerminalJson(event.json))) return
      } else if (feed.ended) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    leave()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Feeds of runs that other processes write: one query a tick for all of them, however many readers they have. */
function createForeignFeeds(repository: RunsRepository, log: Log) {
  const feeds = new Map<RunFeed, { runId: string; readers: number }>()
  let timer: NodeJS.Timeout | undefined
  let polling = false

  async function poll(): Promise<void> {
    if (polling) return
    polling = true
    try {
      const cursors = [...feeds].map(([feed, { runId }]) => ({ runId, after: feed.lastSeq }))
      const rows = await repository.eventsOfMany(cursors, 5_000)
      for (const [feed, { runId }] of feeds) {
        const next = rows.filter((row) => row.runId === runId && row.seq > feed.lastSeq)
        if (next.length > 0) feed.append(next)
      }
    } catch (error) {
      log.warn('foreign-poll-failed', { error })
    } finally {
      polling = false
    }
  }

  return {
    join(runId: string, after: number): RunFeed {
      const known = [...feeds].find(([feed, entry]) => entry.runId === runId && feed.base <= after)
      const feed = known?.[0] ?? createRunFeed(after)
      feeds.set(feed, { runId, readers: (known?.[1].readers ?? 0) + 1 })
      timer ??= setInterval(() => void poll(), pollMs)
      return feed
    },
    leave(runId: string, feed: RunFeed) {
      const readers = (feeds.get(feed)?.readers ?? 1) - 1
      if (readers > 0) feeds.set(feed, { runId, readers })
      else feeds.delete(feed)
      if (feeds.size === 0) {
        clearInterval(timer)
        timer = undefined
      }
    },
    close() {
      clearInterval(timer)
      for (const feed of feeds.keys()) feed.end()
    },
  }
}
