import { setTimeout as sleep } from 'node:timers/promises'
import { createMessageParts, textOf } from '@nitroagi/shared/message-parts'
import { NitroError } from '@nitroagi/shared/errors'
import { sourceOf, type NitroChunk, type NitroPart, type RunData } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { AnswerRequest, AnswerSummary, Orchestrator } from '../orchestrator/port.ts'
import type { RunRow, RunsRepository } from '../ports/database/runs-port.ts'
import { answerChoiceIn } from './answer-choice.ts'
import { closingChunks, stepsIn, strategyIn, unfinishedSteps, type Ending } from './closing.ts'
import type { EventWriter } from './event-writer.ts'
import { createRunFeed, type RunFeed } from './run-feed.ts'

/** No run lasts longer, whatever its steps do. */
export const maxRunSeconds = 600

/** Why a run that was still writing has to end. `lost`: another process owns it now, so this one must not write. */
export type EndReason = 'stop' | 'shutdown' | 'lost' | 'deleted' | 'timeout'

export interface LiveRun {
  readonly run: RunRow
  readonly feed: RunFeed
  end(reason: EndReason): void
}

/** The runs that this process is writing. */
export interface LiveRuns {
  /** Starts writing; comes back at once. The run belongs to the process from here on, not to whoever asked. */
  launch(call: Call, run: RunRow, request: AnswerRequest): LiveRun
  get(runId: string): LiveRun | undefined
  all(): LiveRun[]
  /** Waits for those that write now, then ends the rest as interrupted. */
  drain(timeoutMs: number): Promise<void>
}

interface Dependencies {
  orchestrator: Orchestrator
  writer: EventWriter
  repository: Pick<RunsRepository, 'finish'>
  onEnd?: (status: string, seconds: number) => void
  /** A turn is over, one way or another; `answer` is there when it was answered. Nobody waits for it. */
  onTurn?: (call: Call, turn: EndedTurn) => Promise<void>
}

export interface EndedTurn {
  conversationId: string
  messageId: string
  question: string
  answer: { text: string; sources: { title: string; quote: string }[] } | undefined
}

export function createLiveRuns({ orchestrator, writer, repository, onEnd, onTurn }: Dependencies): LiveRuns {
  const live = new Map<string, LiveRun & { finished: Promise<void> }>()

  return {
    launch(call, run, request) {
      const feed = createRunFeed()
      const controller = new AbortController()
      let reason: EndReason | undefined
      const end = (why: EndReason) => {
        reason ??= why
        controller.abort()
      }
      const timeout = setTimeout(() => end('timeout'), maxRunSeconds * 1000)
      const finished = write({ ...call, signal: controller.signal }, run, feed, request, () => reason, end)
        .catch((error: unknown) => call.log.error('run-lost', { runId: run.id, error }))
        .finally(() => {
          clearTimeout(timeout)
          feed.end()
          live.delete(run.id)
        })
      const entry = { run, feed, end, finished }
      live.set(run.id, entry)
      return entry
    },
    get: (runId) => live.get(runId),
    all: () => [...live.values()],
    async drain(timeoutMs) {
      const ended = Promise.all([...live.values()].map((run) => run.finished))
      await Promise.race([ended, sleep(timeoutMs, undefined, { ref: false })])
      for (const run of live.values()) run.end('shutdown')
      await Promise.all([...live.values()].map((run) => run.finished))
    },
  }

  async function write(
    call: Call,
    run: RunRow,
    feed: RunFeed,
    request: AnswerRequest,
    reason: () => EndReason | undefined,
    end: (reason: EndReason) => void,
  ): Promise<void> {
    const startedAt = performance.now()
    const account = createAccount(run, startedAt)
    const log = writer.open({ runId: run.id, fence: run.fence }, feed, () => end('lost'))
    const say = (chunk: NitroChunk) => {
      account.add(chunk)
      return log.write(chunk)
    }
    say({ type: 'start', messageId: run.messageId, messageMetadata: { runId: run.id, createdAt: run.createdAt } })
    say({ type: 'data-run', id: run.id, data: account.data('running') })

    const ending = await follow(
      call,
      orchestrator.answer(call, { ...request, runId: run.id }),
      say,
      reason,
      (summary) => account.conclude(summary),
    )
    const turnEnded = (isAnswered: boolean) =>
      void onTurn?.(call, {
        conversationId: run.conversationId,
        messageId: run.messageId,
        question: request.question,
        answer: isAnswered ? answerIn(account.parts(), request.continueFrom) : undefined,
      })
    if (reason() === 'lost' || reason() === 'deleted') {
      turnEnded(false)
      return log.discard()
    }

    const closing = [
      ...account.endOpen(),
      ...unfinishedSteps(account.parts()),
      ...closingChunks(ending, account.data(ending.status)),
    ]
    for (const chunk of closing) account.add(chunk)
    const events = await log.take(closing)
    const held = await finishUntilDone(call, {
      workspaceId: run.workspaceId,
      runId: run.id,
      fence: run.fence,
      status: ending.status,
      events,
      parts: account.parts(),
      usage: account.usage(),
      error: ending.error && { code: ending.error.code, message: ending.error.message },
      steps: account.steps(),
      strategy: account.strategy(),
      answer: answerChoiceIn(account.parts()),
      confidence: confidenceIn(account.parts()),
    })
    // Before anybody sees the end, so that the next question finds it noted.
    turnEnded(held && ending.status === 'completed')
    if (held) feed.append(events)
    const durationMs = Math.round(performance.now() - startedAt)
    onEnd?.(ending.status, durationMs / 1000)
    call.log.info('run-end', { runId: run.id, status: ending.status, errorCode: ending.error?.code, durationMs, held })
  }

  /** A database that is away must not lose an answer: keep trying as long as the sweeper could not have taken over. */
  async function finishUntilDone(call: Call, end: Parameters<RunsRepository['finish']>[0]): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await repository.finish(end)
      } catch (error) {
        call.log.error('run-finish-failed', { runId: end.runId, attempt, error })
        if (attempt === 20) throw error
        await sleep(Math.min(2_000, 100 * 2 ** attempt))
      }
    }
  }
}

/** Takes chunks until the answer ends, whichever way. Never waits for a module that does not heed its signal. */
async function follow(
  call: Call,
  answer: AsyncGenerator<NitroChunk, AnswerSummary>,
  say: (chunk: NitroChunk) => Promise<void> | undefined,
  reason: () => EndReason | undefined,
  conclude: (summary: AnswerSummary) => void,
): Promise<Ending> {
  const aborted = new Promise<'aborted'>((resolve) => {
    call.signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
  try {
    for (;;) {
      const next = await Promise.race([answer.next(), aborted])
      if (next === 'aborted' || call.signal.aborted) {
        void answer.return({ model: null, strategy: 'auto', usage: null }).catch(() => {})
        return endingOf(reason())
      }
      if (next.done) {
        conclude(next.value)
        return { status: 'completed', error: null }
      }
      await say(next.value)
    }
  } catch (error) {
    if (call.signal.aborted) return endingOf(reason())
    if (!(error instanceof NitroError)) call.log.error('run-failed', { error })
    return { status: 'failed', error: asNitroError(error) }
  }
}

function confidenceIn(parts: readonly NitroPart[]) {
  const data = parts.find((part) => part.type === 'data-confidence')?.data
  if (!data || data.value === null) return undefined
  return { raw: data.calibration?.raw ?? data.value, stated: data.value, parts: data.parts }
}

const answerIn = (parts: readonly NitroPart[], continueFrom = '') => ({
  text: continueFrom + textOf(parts),
  sources: parts.flatMap((part) => (part.type === 'source-document' ? (sourceOf(part) ?? []) : [])),
})

function endingOf(reason: EndReason | undefined): Ending {
  if (reason === 'shutdown') return { status: 'interrupted', error: null }
  if (reason === 'timeout') {
    return {
      status: 'failed',
      error: new NitroError('model_timeout', 'This answer took too long and was ended. What it had written is kept.'),
    }
  }
  return { status: 'stopped', error: null }
}

const asNitroError = (error: unknown): NitroError =>
  error instanceof NitroError
    ? error
    : new NitroError('internal', 'Something went wrong while answering. The log has the details.', { cause: error })

/** What the run's own chunks say about it so far: the parts of its message and the figures of its trace. */
function createAccount(run: RunRow, startedAt: number) {
  const message = createMessageParts()
  let firstDeltaMs: number | null = null
  let summary: AnswerSummary | undefined

  return {
    add(chunk: NitroChunk) {
      if (chunk.type === 'text-delta') firstDeltaMs ??= Math.round(performance.now() - startedAt)
      message.add(chunk)
    },
    conclude(value: AnswerSummary) {
      summary = value
    },
    endOpen: () => message.endOpen(),
    parts: () => message.parts,
    steps: () => stepsIn(message.parts),
    strategy: () => summary?.strategy ?? strategyIn(message.parts),
    usage: () => summary?.usage ?? null,
    data: (status: RunData['status']): RunData => ({
      runId: run.id,
      conversationId: run.conversationId,
      messageId: run.messageId,
      status,
      model: summary?.model ?? null,
      usage: summary?.usage ?? null,
      durationMs: status === 'running' ? null : Math.round(performance.now() - startedAt),
      firstDeltaMs,
    }),
  }
}
