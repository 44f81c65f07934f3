import { isErrorCode, NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { Call } from '../call.ts'
import { openWebPageReader } from '../ingestion/web-page.ts'
import type { Log } from '../log.ts'
import type { SourcesRepository, SourceWork, StoredSource } from '../ports/database/sources-port.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import type { OutboundClient } from '../ports/outbound/port.ts'
import type { DocumentIntake } from '../services/document-intake.ts'
import { fetchSourceKind, sourcePayloadOf } from '../services/sources.ts'
import { crawlSite } from './crawl.ts'
import { fetchFeed } from './sources-feed.ts'
import { type SourceFetch, takePage, visitPage } from './sources-page.ts'
import { createHostTurns } from './sources-turns.ts'

interface Needs {
  sources: SourcesRepository
  outbound: OutboundClient
  intake: DocumentIntake
  jobs: JobQueue
  log: Log
  /** Between two requests to one host. */
  pauseMs?: number
}

type Payload = ReturnType<typeof sourcePayloadOf>

const checkSeconds = 60
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const failuresUntilPaused = 8
/** Without a schedule, a host that was away for a moment is asked so often again. */
const triesUnscheduled = 4
const triesOfOurs = 3

/** Fetches sources in the background: those that somebody wants now, and those whose time has come. */
export function registerSources(needs: Needs): void {
  const { sources, jobs } = needs
  const turns = createHostTurns(needs.pauseMs)
  jobs.handle<Payload>(
    fetchSourceKind,
    // A cut job goes on with its round, so it may come again as often as the machine needs.
    { concurrency: 2, maxAttempts: 50, leaseSeconds: 15 },
    (payload, job) => fetchSource({ ...needs, turns }, payload, job),
  )
  jobs.handle(
    'check-sources',
    { concurrency: 1, maxAttempts: 3, leaseSeconds: 60, everySeconds: checkSeconds },
    async () => {
      for (const due of await sources.due()) await jobs.send(fetchSourceKind, sourcePayloadOf(due), { key: due.id })
    },
  )
}

async function fetchSource(
  needs: Needs & { turns: ReturnType<typeof createHostTurns> },
  payload: Payload,
  job: Job,
): Promise<void> {
  const { sources, outbound, intake, turns } = needs
  const call = jobCall(payload, job, needs.log.with({ sourceId: payload.sourceId, workspaceId: payload.workspaceId }))
  const work = await sources.begin(call, payload.sourceId)
  if (!work) return
  const { source } = work
  const reader = openWebPageReader()
  const started = performance.now()
  try {
    const fetch: SourceFetch = { call, source, sources, outbound, intake, reader, turns }
    const done = await fetchers[source.kind](fetch, work)
    // Paused and wanted again while this job still had it: it goes on here, because no second job was let in.
    if (!done) return await fetchSource(needs, payload, job)
    await sources.finish(call, source, {
      error: null,
      notice: done.notice,
      failures: 0,
      paused: false,
      nextFetchAt: source.scheduleHours === null ? null : new Date(Date.now() + source.scheduleHours * hourMs),
    })
    call.log.info('source-fetched', { kind: source.kind, durationMs: Math.round(performance.now() - started) })
  } catch (error) {
    if (job.signal.aborted) throw error
    const isOurs = !(error instanceof NitroError)
    if (isOurs && job.attempt < triesOfOurs) throw error
    const end = endOf(source, reasonOf(error))
    call.log.warn('source-failed', { kind: source.kind, code: end.error.code, ...(isOurs ? { error } : {}) })
    await sources.finish(call, source, end)
  } finally {
    reader.close()
  }
}

const fetchers: Record<
  StoredSource['kind'],
  (fetch: SourceFetch, work: SourceWork) => Promise<{ notice: string | null } | undefined>
> = { url: fetchUrl, site: crawlSite, feed: fetchFeed }

/** One page or file, as a person would open it. */
async function fetchUrl(fetch: SourceFetch): Promise<{ notice: string | null } | undefined> {
  const { call, source, sources, intake, turns } = fetch
  await sources.queue(call, source, [{ url: source.url, depth: 0 }], 1)
  const known = await sources.known(call, source, source.url)
  if (!known) return undefined
  await turns.take(source.url, call.signal)
  const visit = await visitPage(fetch, known, { maxBytes: limits.uploadBytes, totalSeconds: 300 }).catch(
    async (error: unknown) => {
      const reason = reasonOf(error).message
      if (!call.signal.aborted) await sources.settle(call, source, { url: source.url, outcome: 'failed', reason })
      throw error
    },
  )
  if (visit.kind === 'same') {
    await sources.settle(call, source, { url: source.url, outcome: 'unchanged', misses: 0 })
    return { notice: null }
  }
  if (visit.kind === 'gone') {
    // Somebody chose this very page: what it said stays until they delete it.
    await sources.settle(call, source, { url: source.url, outcome: 'failed', reason: visit.reason })
    throw new NitroError('fetch_failed', visit.reason)
  }
  if (visit.kind === 'left-out') {
    await sources.settle(call, source, { url: source.url, outcome: 'skipped', reason: visit.reason })
    throw new NitroError('document_unsupported', visit.reason)
  }
  const { received, facts } = visit.page
  if (received.error) {
    await intake.drop(received)
    const { code, message } = received.error
    await sources.settle(call, source, { url: source.url, outcome: 'failed', reason: message })
    throw new NitroError(isErrorCode(code) ? code : 'fetch_failed', message)
  }
  if (facts?.title) await sources.describe(call, source, { name: facts.title })
  return (await takePage(fetch, known, visit.page)) ? { notice: null } : undefined
}

/** It comes again soon when the trouble may pass, on its schedule when not, and rests when it fails again and again. */
function endOf({ failures: before, scheduleHours }: StoredSource, error: { code: string; message: string }) {
  const failures = before + 1
  const mayPass = error.code !== 'address_refused' && !error.code.startsWith('document_')
  const soonMs = Math.min(5 * minuteMs * 2 ** (failures - 1), 24 * hourMs)
  const paused = scheduleHours !== null && failures >= failuresUntilPaused
  const againMs =
    scheduleHours !== null
      ? Math.min(mayPass ? soonMs : Infinity, scheduleHours * hourMs)
      : mayPass && failures < triesUnscheduled
        ? soonMs
        : undefined
  return {
    error: paused
      ? { ...error, message: `Paused after ${failures} failures in a row. The latest: ${error.message}` }
      : error,
    notice: null,
    failures,
    paused,
    nextFetchAt: paused || againMs === undefined ? null : new Date(Date.now() + againMs),
  }
}

function reasonOf(error: unknown): { code: string; message: string } {
  if (error instanceof NitroError) return { code: error.code, message: error.message }
  return { code: 'internal', message: 'Fetching this failed for a reason of our own. Try it again later.' }
}

function jobCall({ workspaceId, ownerId }: Payload, job: Job, log: Log): Call {
  return {
    actor: { userId: ownerId, workspaceId, role: 'owner', via: 'job', scopes: [] },
    requestId: job.id,
    signal: job.signal,
    log,
  }
}
