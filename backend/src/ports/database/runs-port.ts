import type { ConfidencePart, NitroPart, Run, RunStatus, StepData, Strategy, Usage } from '@nitroagi/shared/runs'
import type { RunOptions } from '@nitroagi/shared/conversations'
import type { Call } from '../../call.ts'
import type { AnswerChoice } from './learning-port.ts'

export interface RunsRepository {
  /**
   * Stores the user's message, the empty answer and the run that will fill it, all or nothing, and takes the lease.
   * The same idempotency key again gives the run that it made (`created: false`), or `idempotency_mismatch` for another
   * request; `conversation_busy` while another run writes here; `not_found` for a conversation, parent or attachment
   * that is not ours or, of the last, not free.
   */
  start(call: Call, input: StartRun): Promise<StartedRun>
  /** Undefined when there is none or it is somebody else's. */
  find(call: Call, runId: string): Promise<RunRow | undefined>
  /** Marks the run for stopping and returns it as it is then. */
  requestStop(call: Call, runId: string): Promise<RunRow | undefined>

  /** Makes the events of many runs durable in one statement. Returns the runs whose lease is lost: nothing of them was written. */
  append(events: readonly EventRow[]): Promise<Set<string>>
  /** Ends a run: its last events, its message and its status in one statement. False when the lease is lost. */
  finish(end: FinishRun): Promise<boolean>
  /** Prolongs the leases still held; a run that is missing in the answer is lost. */
  renew(leases: readonly Lease[], leaseSeconds: number): Promise<Set<string>>
  /** Which of these somebody wants stopped. */
  stopRequested(runIds: readonly string[]): Promise<string[]>
  /** Takes over runs whose lease ran out (or all of them, when no other process can hold one). */
  claimExpired(options: { leaseSeconds: number; all?: boolean; limit: number }): Promise<ClaimedRun[]>
  /** In order of `seq`, from after `after` on, at most `limit`. The caller has checked whose run it is. */
  events(runId: string, after: number, limit: number): Promise<LoggedRow[]>
  /** The same for many runs at once; in order of run and `seq`. */
  eventsOfMany(
    cursors: readonly { runId: string; after: number }[],
    limit: number,
  ): Promise<(LoggedRow & { runId: string })[]>
  /** Deletes events older than this, which is longer than any run lasts; returns how many. */
  prune(olderThanSeconds: number): Promise<number>
}

export interface StartRun {
  runId: string
  conversationId: string
  /** Null when the run goes on from an earlier one and says nothing new. */
  userMessage: { id: string; parts: NitroPart[]; parentId: string | undefined } | null
  messageId: string
  /** What comes with the user's message: it belongs to that message from now on. */
  attachmentIds?: readonly string[]
  idempotencyKey: string | undefined
  requestHash: string
  options: RunOptions
  continuesRunId: string | undefined
  title: string
  leaseSeconds: number
}

export interface StartedRun {
  run: RunRow
  created: boolean
  /** The path from the root to the message that is being answered, without it; oldest first, at most 40. */
  history: { role: 'user' | 'assistant' | 'system'; parts: NitroPart[] }[]
  /** Whether the workspace has any passage to search. */
  hasKnowledge: boolean
  /** Whether there are tables among what can be searched. */
  hasTables: boolean
}

export interface RunRow extends Run {
  workspaceId: string
  ownerId: string
  fence: number
  options: RunOptions
  stopRequested: boolean
  continuesRunId: string | null
}

export interface Lease {
  runId: string
  fence: number
}

export interface EventRow extends Lease {
  seq: number
  /** The chunk as JSON. */
  json: string
}

export interface LoggedRow {
  seq: number
  json: string
}

export interface FinishRun extends Lease {
  workspaceId: string
  status: RunStatus
  /** The events that were not appended before, the terminal one last. */
  events: readonly LoggedRow[]
  parts: readonly NitroPart[]
  usage: Usage | null
  error: { code: string; message: string } | null
  steps: readonly StepData[]
  strategy: Strategy
  /** How the answer was chosen; absent when none was given. */
  answer?: AnswerChoice | undefined
  /** How sure the answer was, before ratings corrected it and as it was shown; absent when nothing measured it. */
  confidence?: { raw: number; stated: number; parts: readonly ConfidencePart[] } | undefined
}

export interface ClaimedRun extends Lease {
  workspaceId: string
  conversationId: string
  messageId: string
}
