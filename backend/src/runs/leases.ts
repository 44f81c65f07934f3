import { createMessageParts } from '@nitroagi/shared/message-parts'
import type { NitroChunk, NitroPart } from '@nitroagi/shared/runs'
import type { Log } from '../log.ts'
import type { ClaimedRun, RunsRepository } from '../ports/database/runs-port.ts'
import { answerChoiceIn } from './answer-choice.ts'
import { closingChunks, stepsIn, strategyIn, unfinishedSteps } from './closing.ts'
import { maxRunSeconds, type LiveRuns } from './live-runs.ts'
import { isTerminalJson } from './run-feed.ts'

export const leaseSeconds = 15
const heartbeatMs = 5_000
const stopPollMs = 250
/** An hour after the end of the longest run; until then a reader may come back for its log. */
const keepEventsSeconds = 3_600 + maxRunSeconds
const pageSize = 1_000

interface Dependencies {
  liveRuns: LiveRuns
  repository: RunsRepository
  log: Log
  /** Nobody else can be writing: every run found at start is an orphan, lease or not. */
  soleProcess: boolean
}

/** Keeps the leases of this process's runs, carries out stops asked for elsewhere, and ends what others left behind. */
export function createLeaseKeeper({ liveRuns, repository, log, soleProcess }: Dependencies) {
  const timers: NodeJS.Timeout[] = []
  let lastRenewal = performance.now()

  return {
    async start() {
      if (soleProcess) await sweep({ all: true })
      every(heartbeatMs, 'lease-renewal', renew)
      every(heartbeatMs, 'run-sweep', () => sweep({ all: false }))
      every(60_000, 'run-prune', async () => void (await repository.prune(keepEventsSeconds)))
      // In a sole process every stop arrives here anyway.
      if (!soleProcess) every(stopPollMs, 'stop-poll', pollStops)
    },
    stop: () => timers.forEach(clearInterval),
    sweep,
  }

  /** One round at a time; a failed one is logged and tried again at the next. */
  function every(ms: number, name: string, work: () => Promise<void>): void {
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      work()
        .catch((error: unknown) => log.error(`${name}-failed`, { error }))
        .finally(() => (busy = false))
    }, ms)
    timer.unref()
    timers.push(timer)
  }

  async function renew(): Promise<void> {
    const runs = liveRuns.all()
    if (runs.length === 0) return void (lastRenewal = performance.now())
    const held = await repository
      .renew(
        runs.map(({ run }) => ({ runId: run.id, fence: run.fence })),
        leaseSeconds,
      )
      .catch((error: unknown) => {
        // Past the lease another process may have taken over; to write on would be to guess.
        if (performance.now() - lastRenewal > leaseSeconds * 1000 && !soleProcess)
          for (const run of runs) run.end('lost')
        throw error
      })
    lastRenewal = performance.now()
    for (const live of runs) if (!held.has(live.run.id) && liveRuns.get(live.run.id)) live.end('lost')
  }

  async function pollStops(): Promise<void> {
    const runs = liveRuns.all()
    if (runs.length === 0) return
    for (const runId of await repository.stopRequested(runs.map(({ run }) => run.id))) liveRuns.get(runId)?.end('stop')
  }

  async function sweep({ all }: { all: boolean }): Promise<void> {
    for (;;) {
      const claimed = await repository.claimExpired({ leaseSeconds, all, limit: 50 })
      // What the old process had on its way may come between reading the log and ending it; the second time it is there.
      for (const run of claimed) await interrupt(run).catch(() => interrupt(run))
      if (claimed.length < 50) return
    }
  }

  /** Ends a run whose process is gone, with everything that its log holds. */
  async function interrupt(run: ClaimedRun): Promise<void> {
    const message = createMessageParts()
    let lastSeq = 0
    for (;;) {
      const rows = await repository.events(run.runId, lastSeq, pageSize)
      for (const { seq, json } of rows) {
        if (!isTerminalJson(json)) message.add(JSON.parse(json) as NitroChunk)
        lastSeq = seq
      }
      if (rows.length < pageSize) break
    }
    const closing: NitroChunk[] = [
      ...message.endOpen(),
      ...unfinishedSteps(message.parts),
      ...closingChunks({ status: 'interrupted', error: null }, runData(run, message.parts)),
    ]
    for (const chunk of closing) message.add(chunk)
    const held = await repository.finish({
      workspaceId: run.workspaceId,
      runId: run.runId,
      fence: run.fence,
      status: 'interrupted',
      events: closing.map((chunk) => ({ seq: ++lastSeq, json: JSON.stringify(chunk) })),
      parts: message.parts,
      usage: null,
      error: { code: 'run_interrupted', message: 'The server stopped while this answer was being written.' },
      steps: stepsIn(message.parts),
      strategy: strategyIn(message.parts),
      answer: answerChoiceIn(message.parts),
    })
    log.warn('run-interrupted', { runId: run.runId, events: lastSeq, held })
  }
}

function runData(run: ClaimedRun, parts: readonly NitroPart[]) {
  const known = parts.find((part) => part.type === 'data-run')
  return {
    runId: run.runId,
    conversationId: run.conversationId,
    messageId: run.messageId,
    model: known?.data.model ?? null,
    usage: null,
    durationMs: null,
    firstDeltaMs: known?.data.firstDeltaMs ?? null,
    status: 'interrupted' as const,
  }
}
