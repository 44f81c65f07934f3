import { z } from 'zod'
import type { UIMessage, UIMessageChunk } from 'ai'
import type { Feedback } from './feedback.ts'

/** How the steps of a plan combine. `auto` picks one of the others and says why. */
export const Strategy = z.enum(['auto', 'sequential', 'parallel', 'pipeline', 'conditional', 'consensus'])
export type Strategy = z.infer<typeof Strategy>

export const RunStatus = z.enum(['pending', 'running', 'completed', 'stopped', 'failed', 'interrupted'])
export type RunStatus = z.infer<typeof RunStatus>

export const isFinal = (status: RunStatus) => status !== 'pending' && status !== 'running'

/** Token counts come from the provider, or are marked as estimated; `null` means nobody knows. */
export const Usage = z.object({
  inputTokens: z.number().int().nullable(),
  outputTokens: z.number().int().nullable(),
  estimated: z.boolean(),
  /** `null` when no price is known for the model. */
  costUsd: z.number().nullable(),
})
export type Usage = z.infer<typeof Usage>

export const RunData = z.object({
  runId: z.string(),
  conversationId: z.string(),
  messageId: z.string(),
  status: RunStatus,
  model: z.string().nullable(),
  usage: Usage.nullable(),
  durationMs: z.number().nullable(),
  /** From the start of the run to its first visible delta. */
  firstDeltaMs: z.number().nullable(),
})
export type RunData = z.infer<typeof RunData>

export const PlanData = z.object({
  planner: z.enum(['rules', 'model']),
  strategy: Strategy,
  strategyReason: z.string(),
  planningMs: z.number(),
  /** What a model's planning took; absent when rules planned. */
  usage: Usage.nullable().optional(),
  /** Why there is a second plan, when a step of the first one failed. */
  replanned: z.string().optional(),
  steps: z.array(
    z.object({
      id: z.string(),
      module: z.string(),
      task: z.string(),
      reason: z.string(),
      dependsOn: z.array(z.string()),
    }),
  ),
})
export type PlanData = z.infer<typeof PlanData>

export const StepData = z.object({
  id: z.string(),
  module: z.string(),
  /** Why this module was chosen. */
  reason: z.string(),
  status: z.enum(['pending', 'running', 'completed', 'failed', 'skipped', 'stopped']),
  startedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  model: z.string().nullable(),
  usage: Usage.nullable(),
  /** 0..1 when measured, with `confidenceBasis` saying how; otherwise null, shown as "not measured". */
  confidence: z.number().min(0).max(1).nullable(),
  confidenceBasis: z.string().nullable(),
  /** One sentence about the outcome, such as "5 passages from 2 documents". */
  summary: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type StepData = z.infer<typeof StepData>

/** Where a conditional answer turned: what was measured, and which way it went because of that. */
export const DecisionData = z.object({
  question: z.string(),
  /** 0..1; null when it could not be measured. */
  measured: z.number().min(0).max(1).nullable(),
  threshold: z.number(),
  /** How it was measured. */
  basis: z.string(),
  /** The step that is carried out, and the one that is not. */
  taken: z.string(),
  notTaken: z.string(),
  reason: z.string(),
})
export type DecisionData = z.infer<typeof DecisionData>

/** Several independent answers to one question, how far they agree, and who chose among them. Every answer is kept. */
export const ConsensusData = z.object({
  /** What makes the answers independent of each other. */
  from: z.enum(['models', 'samples', 'passages']),
  answers: z.array(
    z.object({
      step: z.string(),
      model: z.string().nullable(),
      text: z.string(),
      /** How far the other answers say the same, 0..1; null with nothing to compare. */
      agreement: z.number().min(0).max(1).nullable(),
      isChosen: z.boolean(),
      /** It says something else than the chosen answer. */
      dissents: z.boolean(),
    }),
  ),
  /** Over all pairs, each measured part for itself; null where a part could not be measured. */
  agreement: z.object({
    overall: z.number().min(0).max(1).nullable(),
    meaning: z.number().min(0).max(1).nullable(),
    figures: z.number().min(0).max(1).nullable(),
    sources: z.number().min(0).max(1).nullable(),
    basis: z.string(),
  }),
  judge: z.object({ by: z.enum(['model', 'rule']), model: z.string().nullable(), reason: z.string() }),
})
export type ConsensusData = z.infer<typeof ConsensusData>

export const NoticeData = z.object({
  level: z.enum(['info', 'warning', 'error']),
  /** An error code of errors.ts, or the name of a notice such as `offline_model`. */
  code: z.string(),
  message: z.string(),
  retryAfterSeconds: z.number().optional(),
})
export type NoticeData = z.infer<typeof NoticeData>

/**
 * One citation: what a `source-document` part carries under `providerMetadata.nitro`. `number` is what the
 * text says in brackets: [1]. Offsets are UTF-16 code units into the page's text.
 */
export const SourceData = z.object({
  number: z.number().int().positive(),
  documentId: z.string(),
  entryId: z.string(),
  title: z.string(),
  mediaType: z.string(),
  page: z.number().int().positive(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** The cited words, verbatim. */
  quote: z.string(),
  score: z.number(),
})
export type SourceData = z.infer<typeof SourceData>

/** Our typed `data-` parts beside the AI SDK's own part types. */
export type NitroDataParts = {
  plan: PlanData
  step: StepData
  decision: DecisionData
  consensus: ConsensusData
  notice: NoticeData
  run: RunData
}

/** The citation behind a `source-document` part; undefined for a source that is not one of our documents. */
export function sourceOf(part: { providerMetadata?: Record<string, unknown> }): SourceData | undefined {
  return SourceData.safeParse(part.providerMetadata?.['nitro']).data
}

type MessageMetadata = { createdAt?: string; runId?: string; feedback?: Feedback }
export type NitroMessage = UIMessage<MessageMetadata, NitroDataParts>
export type NitroChunk = UIMessageChunk<MessageMetadata, NitroDataParts>
export type NitroPart = NitroMessage['parts'][number]

/** One line of a run's log. `seq` runs 1..n without gaps; it is the SSE `id`. */
export type RunEvent = { seq: number; chunk: NitroChunk }

/** A run's log ends with exactly one of these. */
export const isTerminal = (chunk: NitroChunk): boolean =>
  chunk.type === 'finish' || chunk.type === 'abort' || chunk.type === 'error'

export const Run = z.object({
  id: z.uuid(),
  conversationId: z.uuid(),
  userMessageId: z.uuid(),
  messageId: z.uuid(),
  status: RunStatus,
  lastSeq: z.number().int().nonnegative(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  usage: Usage.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type Run = z.infer<typeof Run>
