import { type JobWithMetadata, PgBoss } from 'pg-boss'
import { NitroError } from '@nitroagi/shared/errors'
import type { Log } from '../../log.ts'
import type { Connection, Sql } from '../database/connection.ts'
import type { Job, JobOptions, JobQueue } from './port.ts'

interface Handler {
  options: JobOptions
  run(payload: object, job: Job): Promise<void>
}

/** pg-boss looks for lost jobs so often; together with the shortest lease it allows, a lost job is back within 20 s. */
const superviseSeconds = 5
const shortestLeaseSeconds = 10
/** So often every process offers the work that comes by itself; only the first offer in its stretch is taken. */
const offerSeconds = 60
const keptSeconds = 24 * 60 * 60

/** pg-boss on the database that everything else is in, so jobs are as durable as what they are about. */
export function createPgBossJobQueue({ connection, log }: { connection: Connection; log: Log }): JobQueue {
  const handlers = new Map<string, Handler>()
  const created = new Map<string, Promise<void>>()
  const running = new Set<AbortController>()
  let boss: PgBoss | undefined
  let failure: Error | undefined
  let offers: NodeJS.Timeout[] = []

  const started = (): PgBoss => {
    if (boss) return boss
    throw new NitroError('unavailable', 'The job queue has not started yet', { retryAfterSeconds: 2 })
  }

  function ensureQueue(kind: string): Promise<void> {
    const known = created.get(kind)
    if (known) return known
    const options = handlers.get(kind)?.options
    const made = started().createQueue(kind, {
      policy: 'exclusive',
      notify: true,
      retryLimit: (options?.maxAttempts ?? 3) - 1,
      retryDelay: options?.pauses?.firstSeconds ?? 1,
      retryBackoff: true,
      retryDelayMax: options?.pauses?.longestSeconds ?? 30,
      heartbeatSeconds: Math.max(options?.leaseSeconds ?? 15, shortestLeaseSeconds),
      // The lease is what ends a lost job; this is only pg-boss's own upper bound.
      expireInSeconds: 6 * 60 * 60,
      deleteAfterSeconds: keptSeconds,
    })
    created.set(kind, made)
    made.catch(() => created.delete(kind))
    return made
  }

  async function work(kind: string, { options, run }: Handler, [job]: JobWithMetadata<{ payload: object }>[]) {
    if (!job) return
    const attempt = job.retryCount + 1
    const stop = new AbortController()
    running.add(stop)
    try {
      await run(job.data.payload, { id: job.id, attempt, signal: AbortSignal.any([job.signal, stop.signal]) })
      if (job.singletonKey !== null) await completeOrRepeat(kind, job.id, job.singletonKey)
    } catch (error) {
      const dead = attempt >= options.maxAttempts
      log.warn('job-failed', { kind, jobId: job.id, attempt, dead, error })
      if (dead) await options.onDead?.(job.data.payload, error)
      throw error
    } finally {
      running.delete(stop)
    }
  }

  /** Ends the job and puts in what was sent for its key meanwhile, both or neither, so that no wish is lost between them. */
  async function completeOrRepeat(kind: string, id: string, singletonKey: string): Promise<void> {
    const queue = started()
    await connection.transaction(async (tx) => {
      const db = { executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query(text, values) }) }
      await queue.complete(kind, id, null, { db })
      const [row] = await tx.query<{ again: object | null }>(
        // Still running when its lease was lost, and then whoever has it now ends it.
        `SELECT data->'again' AS again FROM pgboss.job WHERE name = $1 AND id = $2 AND state = 'completed'`,
        [kind, id],
      )
      if (row?.again) await queue.send(kind, { payload: row.again }, { singletonKey, db })
    })
  }

  /** Not pg-boss's own schedules: those leave out what was due while no process was up, which a laptop is each night. */
  async function offer(kind: string, everySeconds: number): Promise<void> {
    const throttle = { singletonKey: 'by-itself', singletonSeconds: everySeconds }
    // What was done is what keeps it from being done again, so it has to stay for as long.
    const deleteAfterSeconds = Math.max(keptSeconds, 2 * everySeconds)
    await boss?.send(kind, { payload: {} }, { ...throttle, deleteAfterSeconds })
  }

  /** Does one job after another. pg-boss would rest for seconds after each, so it is told to look again at once. */
  async function openLane(opened: PgBoss, kind: string, handler: Handler): Promise<void> {
    const lane: Promise<string> = opened.work(
      kind,
      { includeMetadata: true, batchSize: 1, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 3 },
      async (jobs: JobWithMetadata<{ payload: object }>[]) => {
        opened.notifyWorker(await lane)
        await work(kind, handler, jobs)
      },
    )
    await lane
  }

  async function beginOffers(): Promise<void> {
    for (const [kind, { options }] of handlers) {
      const { everySeconds } = options
      if (everySeconds === undefined) continue
      await offer(kind, everySeconds)
      const again = () =>
        void offer(kind, everySeconds).catch((error: unknown) => log.warn('job-offer-failed', { kind, error }))
      offers.push(setInterval(again, Math.min(everySeconds, offerSeconds) * 1000).unref())
    }
  }

  return {
    handle(kind, options, handler) {
      handlers.set(kind, { options, run: handler as Handler['run'] })
    },

    async send(kind, payload, { key, delaySeconds } = {}) {
      await ensureQueue(kind)
      // Under the `exclusive` policy a queue without keys would take one job in all.
      const singletonKey = key ?? crypto.randomUUID()
      const db = {
        executeSql: async (text: string, values?: unknown[]) => ({ rows: await connection.query(text, values) }),
      }
      const options = { singletonKey, db, ...(delaySeconds ? { startAfter: delaySeconds } : {}) }
      // Refused, yet gone before it could be told: then there is room now.
      while ((await started().send(kind, { payload }, options)) === null) {
        if (await repeatRunning(connection, kind, singletonKey, payload)) return
      }
    },

    async start() {
      const opened = new PgBoss({
        ...connection.queue,
        useListenNotify: true,
        superviseIntervalSeconds: superviseSeconds,
        monitorIntervalSeconds: superviseSeconds,
        schedule: false,
      })
      opened.on('error', (error: Error) => {
        failure = error
        log.error('job-queue-error', { error })
      })
      opened.on('warning', (warning: object) => {
        log.warn('job-queue-warning', 'message' in warning ? { warning: warning.message } : {})
      })
      await opened.start()
      boss = opened
      for (const [kind, handler] of handlers) {
        await ensureQueue(kind)
        if (connection.adapter === 'pglite') await takeBack(connection, kind)
        for (let lane = 0; lane < handler.options.concurrency; lane++) await openLane(opened, kind, handler)
      }
      await beginOffers()
    },

    async stop(timeoutMs) {
      const opened = boss
      if (!opened) return
      for (const timer of offers) clearInterval(timer)
      offers = []
      const cut = setTimeout(() => {
        for (const stop of running) stop.abort(new NitroError('unavailable', 'The backend is stopping'))
      }, timeoutMs)
      await opened.stop({ close: true, graceful: true, timeout: timeoutMs + 5_000 })
      clearTimeout(cut)
      boss = undefined
      created.clear()
    },

    async check() {
      started()
      if (failure) {
        const error = failure
        failure = undefined
        throw new NitroError('unavailable', 'The job queue has trouble with the database', { cause: error })
      }
    },
  }
}

/** What waits will do what is wanted; what runs does it once more afterwards. False when there is neither any more. */
async function repeatRunning(sql: Sql, kind: string, key: string, payload: object): Promise<boolean> {
  const held = await sql.query(
    `UPDATE pgboss.job SET data = CASE WHEN state = 'active' THEN data || jsonb_build_object('again', $3::jsonb) ELSE data END
     WHERE name = $1 AND singleton_key = $2 AND state <= 'active' RETURNING 1`,
    [kind, key, JSON.stringify(payload)],
  )
  return held.length > 0
}

/** The embedded database has one process, so at its start nobody can be working on anything. */
async function takeBack(connection: Connection, kind: string): Promise<void> {
  await connection.query(
    `UPDATE pgboss.job SET state = 'retry', start_after = now() WHERE name = $1 AND state = 'active'`,
    [kind],
  )
}
