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

  /** The caller has checked that the run may be read. `run` is the row as it was found then. */
  async function* read(
    run: Pick<RunRow, 'id' | 'status' | 'lastSeq'>,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<LoggedEvent[]> {
    const own = liveRuns.get(run.id)?.feed
    if (own) return yield* followFeed(own, after, signal)
    let cursor = after
    // What is stored already, in pages.
    for (;;) {
      if (signal.aborted) return
      const rows = await repository.events(run.id, cursor, pageSize)
      if (rows.length > 0) yield rows
      cursor = rows.at(-1)?.seq ?? cursor
      if (rows.some((row) => isTerminalJson(row.json))) return
      if (rows.length < pageSize) break
    }
    if (isFinal(run.status)) {
      if (cursor < run.lastSeq)
        throw new NitroError('gone', 'The log of this answer has been cleared. Read the message instead.')
      return
    }
    const feed = foreign.join(run.id, cursor)
    try {
      yield* followFeed(feed, cursor, signal)
    } finally {
      foreign.leave(run.id, feed)
    }
  }
}

async function* followFeed(feed: RunFeed, after: number, signal: AbortSignal): AsyncGenerator<LoggedEvent[]> {
  let cursor = after
  while (!signal.aborted) {
    // Asked for before looking, so that what comes in between is not slept through.
    const changed = feed.changed(signal)
    const events = feed.since(cursor)
    if (events.length > 0) {
      cursor = events.at(-1)?.seq ?? cursor
      yield events
      if (events.some((event) => isTerminalJson(event.json))) return
    } else if (feed.ended) return
    else await changed
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
