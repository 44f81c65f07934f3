import type {
  EvaluationReason,
  EvaluationRun,
  GapReason,
  GoldenQuestion,
  NewGoldenQuestion,
  QuestionResult,
  RetrievalFigures,
} from '@nitroagi/shared/evaluation'
import type { FeedbackReason } from '@nitroagi/shared/feedback'
import type { Call } from '../../call.ts'

/** A golden question as a run asks it. */
export interface AskedQuestion {
  id: string
  question: string
  documentId: string | null
  /** Whether search can see the document. */
  isReady: boolean
  page: number | null
  quote: string | null
}

/** What was expected is kept with the result: a question that was changed since is another one. */
export interface StoredResult extends QuestionResult {
  expected: string
}

export interface StoredRun {
  run: EvaluationRun
  results: StoredResult[]
}

/** A collection whose questions should be asked by themselves, and why. */
export interface DueEvaluation {
  workspaceId: string
  collectionId: string
  ownerId: string
  reason: EvaluationReason
}

/** An answer that was not good, and the question that it was given to. */
export interface WeakAnswer {
  askedBy: string
  question: string
  askedAt: string
  reason: GapReason
  confidence: number | null
  feedback: FeedbackReason | null
}

/** Golden questions of a collection and the runs over them. Whether the caller may see them is the service's to check. */
export interface EvaluationRepository {
  /** In the order in which they were added. */
  questions(call: Call, collectionId: string): Promise<GoldenQuestion[]>
  asked(call: Call, collectionId: string): Promise<AskedQuestion[]>
  /** Those of them whose document is in the collection; a question that is there already, word by word, is left out. */
  add(call: Call, collectionId: string, questions: readonly NewGoldenQuestion[]): Promise<string[]>
  /** False when the question or the document is not in the collection. */
  change(call: Call, collectionId: string, id: string, question: NewGoldenQuestion): Promise<boolean>
  delete(call: Call, collectionId: string, id: string): Promise<boolean>
  count(call: Call, collectionId: string): Promise<number>
  /** Documents of the collection by their names, ids and external ids; undefined for a name that several have. */
  documentsNamed(call: Call, collectionId: string, names: readonly string[]): Promise<Map<string, string | undefined>>

  /** With the settings of the collection as they are; the one that is running, when there is one already. */
  begin(call: Call, collectionId: string, run: { reason: EvaluationReason; version: string }): Promise<EvaluationRun>
  finish(
    call: Call,
    id: string,
    outcome: { figures: RetrievalFigures; results: readonly StoredResult[] },
  ): Promise<void>
  fail(call: Call, id: string, error: string): Promise<void>
  /** Newest first. */
  runs(call: Call, collectionId: string, limit: number): Promise<EvaluationRun[]>
  /** The newest that are done, with their results, newest first. */
  done(call: Call, collectionId: string, limit: number): Promise<StoredRun[]>
  /** Forgets the oldest beyond these. */
  prune(call: Call, collectionId: string, kept: number): Promise<void>

  /**
   * Of all workspaces: collections with questions that were never asked, that were measured with other settings, or that
   * have had other documents since and were not measured for a day. None that is being re-indexed or measured.
   */
  due(version: string): Promise<DueEvaluation[]>
  /** Runs that nobody is at any more, because their processes ended; they count as failed. */
  failAbandoned(olderThanMinutes: number): Promise<void>

  /** Of the last days, newest first; everybody's of the workspace, or the caller's own. */
  weakAnswers(call: Call, options: { days: number; own: boolean; below: number; limit: number }): Promise<WeakAnswer[]>
}
