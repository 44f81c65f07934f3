import type { LearnedVersion, LearningReport, ScoreWeights } from '@nitroagi/shared/learning'
import type { PlanData, SelectionData } from '@nitroagi/shared/runs'
import type { Call } from '../../call.ts'

/** What was learned from thumbs up and down. A call sees its own workspace's alone. */
export interface LearningRepository {
  /** Of one workspace: what was stored last, and whether it counts. */
  current(workspaceId: string): Promise<CurrentPolicy>
  /** With the newest report and the versions that are kept, the newest first. */
  history(call: Call): Promise<{ isOn: boolean; report: LearningReport | null; versions: LearnedVersion[] }>
  setOn(call: Call, isOn: boolean): Promise<void>
  /** Stores a version after all others and forgets the oldest beyond `kept`. */
  store(call: Call, learned: LearnedPolicy, kept: number): Promise<void>
  /** Answers with a thumb given since then, the newest first. */
  ratedAnswers(call: Call, since: Date, limit: number): Promise<RatedAnswer[]>
  /** Answers since then for which there was a choice, the newest first. */
  choices(call: Call, since: Date, limit: number): Promise<LoggedChoice[]>
  /** Steps that ended since then, the newest first. */
  endedSteps(call: Call, since: Date, limit: number): Promise<EndedStep[]>
  /** Those that learn and have something to learn from: thumbs since then, or what was learned before. */
  workspaces(since: Date): Promise<string[]>
}

export interface CurrentPolicy {
  isOn: boolean
  version: number | null
  weights: ScoreWeights | null
  arms: StoredArm[]
}

export interface StoredArm {
  kind: string
  module: string
  model: string | null
  strategy: string
  up: number
  down: number
  rated: number
}

export interface LearnedPolicy {
  madeBy: 'person' | 'job'
  weights: ScoreWeights
  arms: readonly StoredArm[]
  report: LearningReport
}

export interface LoggedChoice {
  kind: string
  module: string
  model: string | null
  strategy: string
  choice: PlanData['choice'] | null
}

export interface RatedAnswer extends LoggedChoice {
  parts: SelectionData['parts'] | null
  isUp: boolean
  /** With a reason or a correction. */
  isExplained: boolean
}

export interface EndedStep {
  module: string
  status: string
  errorCode: string | null
  at: Date
}

/** How an answer was chosen, as it is kept for learning. */
export interface AnswerChoice {
  kind: string
  module: string
  model: string | null
  strategy: string
  selection: SelectionData | null
  choice: PlanData['choice'] | null
}
