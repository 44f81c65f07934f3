import { z } from 'zod'
import type { UIMessage, UIMessageChunk } from 'ai'
import type { Feedback } from './feedback.ts'
import { Arm } from './learning.ts'

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

/** Why a module was chosen, in numbers: the measured parts of its score, and what the others scored. */
export const SelectionData = z.object({
  /** Weighted sum of the parts that were measured, 0..1. */
  score: z.number(),
  /** Each 0..1; null where nothing was measured, and then its weight is shared among the others. */
  parts: z.object({
    capability: z.number().nullable(),
    success: z.number().nullable(),
    capacity: z.number().nullable(),
    health: z.number().nullable(),
  }),
  weights: z.object({ capability: z.number(), success: z.number(), capacity: z.number(), health: z.number() }),
  /** What thumbs up and down have taught about this choice for such a question; 0 without feedback. */
  learned: z.number(),
  /** Steps that the success rate was measured on. */
  measuredSteps: z.number().int(),
  /** The others that could have done it, best first. */
  others: z.array(z.object({ name: z.string(), score: z.number() })),
})
export type SelectionData = z.infer<typeof SelectionData>

export const PlanData = z.object({
  planner: z.enum(['rules', 'model']),
  strategy: Strategy,
  strategyReason: z.string(),
  /** What sort of request this is; feedback is learned from by sort. */
  kind: z.string().optional(),
  /** How the strategy and the model were chosen, where there was a choice. */
  choice: z
    .object({
      model: z.string().nullable(),
      reason: z.string(),
      /** What was learned, by version; null while the rules alone decide. */
      version: z.number().int().nullable().optional(),
      /** The ways to answer that were open, what the rules would have taken first, and how likely each was. */
      arms: z.array(Arm.extend({ probability: z.number() })).optional(),
    })
    .optional(),
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
      selection: SelectionData.optional(),
      dependsOn: z.array(z.string()),
      /** Its words are an answer. */
      isAnswer: z.boolean().optional(),
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

/** A question on a table, answered by computing: what was computed, on which table, and what came out. */
export const ComputationData = z.object({
  step: z.string(),
  document: z.object({ id: z.string(), title: z.string() }),
  /** The sheet of a workbook; null for a table that stands alone. */
  sheet: z.string().nullable(),
  /** The query that was carried out, in SQL, as it was carried out. */
  query: z.string(),
  columns: z.array(z.string()),
  /** The first rows of the result; text for what is not a number. */
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  rowCount: z.number().int(),
  /** Rows of the table that the query looked at. */
  tableRows: z.number().int(),
  /** Who turned the question into the query. */
  by: z.enum(['rules', 'model']),
})
export type ComputationData = z.infer<typeof ComputationData>

/** What was checked of an answer, sentence by sentence, against the passages that it cites. */
export const CritiqueData = z.object({
  step: z.string(),
  by: z.enum(['rule', 'model']),
  model: z.string().nullable(),
  sentences: z.array(
    z.object({
      text: z.string(),
      verdict: z.enum(['supported', 'unsupported', 'unchecked']),
      /** 0..1; null for a sentence that was not checked, such as a greeting or a refusal. */
      support: z.number().min(0).max(1).nullable(),
      /** Numbers of the passages that support it best. */
      sources: z.array(z.number().int()),
    }),
  ),
  /** Supported sentences of those that were checked; null when none was. */
  supportedShare: z.number().min(0).max(1).nullable(),
  /** How support was measured. */
  basis: z.string(),
})
export type CritiqueData = z.infer<typeof CritiqueData>

export const ConfidencePart = z.object({
  name: z.enum(['retrieval', 'agreement', 'critic', 'calculation', 'quotation']),
  value: z.number().min(0).max(1),
  /** How it was measured. */
  basis: z.string(),
})
export type ConfidencePart = z.infer<typeof ConfidencePart>

/** How sure the whole answer is, and what that is made of. Without a measured part `value` is null: not measured. */
export const ConfidenceData = z.object({
  value: z.number().min(0).max(1).nullable(),
  parts: z.array(ConfidencePart),
  /** Set when rated answers have shown how often such an answer was found good. */
  calibration: z.object({ raw: z.number().min(0).max(1), ratedAnswers: z.number().int() }).nullable(),
  basis: z.string(),
})
export type ConfidenceData = z.infer<typeof ConfidenceData>

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
  /** What the page is called where it is no page: "Slide 3". */
  pageLabel: z.string().nullish(),
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
  computation: ComputationData
  critique: CritiqueData
  confidence: ConfidenceData
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
