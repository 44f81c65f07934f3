import { z } from 'zod'
import { ChunkProfile } from './collections.ts'
import { FeedbackReason } from './feedback.ts'
import { limits } from './limits.ts'

const question = z.string().trim().min(1).max(limits.searchCharacters)

/** A question whose answer is known to stand in one document: on any page of it, on one, or where these words are. */
export const GoldenQuestion = z.object({
  id: z.uuid(),
  question: z.string(),
  /** Null when the document is gone; the question is left out of the figures then. */
  documentId: z.uuid().nullable(),
  /** As it is called now, or was called last. */
  documentName: z.string(),
  page: z.number().int().positive().nullable(),
  quote: z.string().nullable(),
  note: z.string(),
  updatedAt: z.iso.datetime(),
})
export type GoldenQuestion = z.infer<typeof GoldenQuestion>
export const GoldenQuestionList = z.object({ items: z.array(GoldenQuestion) })

export const NewGoldenQuestion = z.strictObject({
  question,
  documentId: z.uuid(),
  page: z.number().int().positive().nullish(),
  /** Words of the passage that answers it. */
  quote: z.string().trim().max(1_000).nullish(),
  note: z.string().trim().max(limits.descriptionCharacters).optional(),
})
export type NewGoldenQuestion = z.infer<typeof NewGoldenQuestion>

/** Lines of JSON, or CSV with a first line of names: `question`, `document` (its name, id or external id), `page`, `quote`, `note`. */
export const ImportGoldenQuestions = z.strictObject({
  format: z.enum(['jsonl', 'csv']),
  text: z.string().min(1).max(900_000),
})
export type ImportGoldenQuestions = z.infer<typeof ImportGoldenQuestions>
export const ImportedGoldenQuestions = z.object({
  added: z.number().int(),
  /** Lines that could not be used, each with the reason; the others were added. */
  skipped: z.array(z.object({ line: z.number().int(), reason: z.string() })),
})
export type ImportedGoldenQuestions = z.infer<typeof ImportedGoldenQuestions>

/** Shares of the questions, 0..1; null when no question could be asked. */
export const RetrievalFigures = z.object({
  questions: z.number().int(),
  /** Not asked, because their documents are gone or not ready. */
  skipped: z.number().int(),
  hitAt1: z.number().nullable(),
  hitAt3: z.number().nullable(),
  hitAt5: z.number().nullable(),
  hitAt10: z.number().nullable(),
  /** Mean of 1 / rank of the first right passage, 0 beyond the tenth. */
  mrr: z.number().nullable(),
})
export type RetrievalFigures = z.infer<typeof RetrievalFigures>

/** What search was made with when it was measured. */
export const EvaluatedSettings = z.object({
  embeddingModel: z.string(),
  chunkProfile: ChunkProfile,
  /** Of the product. */
  version: z.string(),
})
export type EvaluatedSettings = z.infer<typeof EvaluatedSettings>

/** Somebody asked for it; or it began by itself: for the first time, after other settings, after other documents. */
export const EvaluationReason = z.enum(['asked', 'first', 'settings', 'documents'])
export type EvaluationReason = z.infer<typeof EvaluationReason>

export const EvaluationRun = z.object({
  id: z.uuid(),
  status: z.enum(['running', 'done', 'failed']),
  reason: EvaluationReason,
  settings: EvaluatedSettings,
  figures: RetrievalFigures.nullable(),
  error: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
export type EvaluationRun = z.infer<typeof EvaluationRun>

/** How one question fared: the place of the first right passage of ten; null when there was none. */
export const QuestionResult = z.object({
  questionId: z.uuid(),
  question: z.string(),
  rank: z.number().int().positive().nullable(),
  /** Why it was not asked; null when it was. */
  skipped: z.string().nullable(),
})
export type QuestionResult = z.infer<typeof QuestionResult>

/** A question that fared otherwise than in the run before. */
export const RankChange = z.object({
  questionId: z.uuid(),
  question: z.string(),
  before: z.number().int().positive().nullable(),
  after: z.number().int().positive().nullable(),
})
export type RankChange = z.infer<typeof RankChange>

export const Evaluation = z.object({
  /** What the next run would measure. */
  settings: EvaluatedSettings,
  /** Newest first. */
  runs: z.array(EvaluationRun),
  /** Of the newest run that is done. */
  latest: z
    .object({
      run: EvaluationRun,
      before: EvaluationRun.nullable(),
      results: z.array(QuestionResult),
      /** Over the questions that both runs asked in the same words: anything else would compare other questions. */
      same: z.object({ questions: z.number().int(), now: RetrievalFigures, before: RetrievalFigures }).nullable(),
      /** Against the run before, the largest first; questions that were changed since are not compared. */
      regressions: z.array(RankChange),
      improvements: z.array(RankChange),
    })
    .nullable(),
})
export type Evaluation = z.infer<typeof Evaluation>

export const GapQuery = z.object({ days: z.coerce.number().int().min(1).max(365).default(30) })
export type GapQuery = z.infer<typeof GapQuery>

/** `unanswered`: nothing in the documents answered it; `weak`: the answer was hardly supported; `thumbs_down`: somebody said so. */
export const GapReason = z.enum(['unanswered', 'weak', 'thumbs_down'])
export type GapReason = z.infer<typeof GapReason>

/** Questions of similar wording that the documents did not answer well. */
export const Gap = z.object({
  /** As it was asked last. */
  question: z.string(),
  times: z.number().int(),
  lastAskedAt: z.iso.datetime(),
  reasons: z.array(z.object({ reason: GapReason, times: z.number().int() })),
  /** The lowest that was stated; null where nothing was measured. */
  confidence: z.number().min(0).max(1).nullable(),
  /** What people said was wrong. */
  feedback: z.array(FeedbackReason),
  /** Other wordings of it. */
  others: z.array(z.string()),
})
export type Gap = z.infer<typeof Gap>

export const GapReport = z.object({
  /** Whose questions it looks at: everybody's of the workspace, or the caller's own. */
  scope: z.enum(['workspace', 'own']),
  days: z.number().int(),
  /** The most asked first. */
  items: z.array(Gap),
})
export type GapReport = z.infer<typeof GapReport>
