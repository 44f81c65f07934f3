import type { SendMessage } from '@nitroagi/shared/conversations'
import type { Run } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'

/** One line of a run's log, already serialised, because many readers send the same bytes. */
export interface LoggedEvent {
  seq: number
  /** The chunk as JSON. */
  json: string
}

export interface Runs {
  /**
   * Stores the message and starts a run for it, at once and in one transaction. The same key with the same body gives
   * the same run; with another body `idempotency_mismatch`; while another run writes here, `conversation_busy`.
   */
  send(call: Call, conversationId: string, message: SendMessage, idempotencyKey?: string): Promise<Run>
  find(call: Call, runId: string): Promise<Run>
  /** Asks the run to stop, wherever it runs; what it said is kept. A run that has ended stays as it is. */
  stop(call: Call, runId: string): Promise<Run>
  /** Starts a new run that goes on from one that was interrupted, stopped or failed. */
  continue(call: Call, runId: string, idempotencyKey?: string): Promise<Run>
  /**
   * The log from after `after` on, in batches, following a run that is still writing until its terminal event; ends
   * after that one. Ends early when `call.signal` aborts. Rejects with `not_found`, or `gone` once the log is pruned.
   */
  events(call: Call, runId: string, after: number): Promise<AsyncIterable<LoggedEvent[]>>
}
