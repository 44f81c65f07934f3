import type { NitroChunk, Strategy } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Attachment, Turn } from '../modules/module.ts'

export interface Orchestrator {
  /**
   * Answers one question: plans, picks modules, runs them, and tells all of it as chunks of the UI message stream,
   * trace included (`data-plan`, `data-step`). It neither stores nor ends anything: `start` and the terminal chunk are
   * its caller's. Throws `NitroError` when no answer could be finished; what was yielded until then stays true.
   */
  answer(call: Call, request: AnswerRequest): AsyncGenerator<NitroChunk, AnswerSummary>
}

export interface AnswerRequest {
  /** Whose answer it is: what is drawn by lot for it is drawn the same again. */
  runId?: string | undefined
  question: string
  /** Undefined when the conversation is not kept, so that there is nothing to recall. */
  conversationId?: string | undefined
  /** Earlier turns, oldest first. */
  history: readonly Turn[]
  /** How the caller wants to be answered: the system message of a program. */
  instructions?: string | undefined
  model?: string | undefined
  strategy?: Strategy | undefined
  /** Who plans; undefined leaves it to the orchestrator. */
  planner?: 'rules' | 'model' | undefined
  collectionIds?: readonly string[] | undefined
  /** Whether there are tables among the documents that may be read. */
  hasTables?: boolean | undefined
  /** What came with the question, and with the turns before it when the question is about that. */
  attachments?: readonly Attachment[] | undefined
  /** What an interrupted answer had already said; the new one goes on from there. */
  continueFrom?: string | undefined
}

export interface AnswerSummary {
  model: string | null
  strategy: Strategy
  usage: { inputTokens: number | null; outputTokens: number | null; estimated: boolean; costUsd: number | null } | null
}
