import { z } from 'zod'

/** What each measured part of a module's score counts; together 1. */
export const ScoreWeights = z.object({
  capability: z.number(),
  success: z.number(),
  capacity: z.number(),
  health: z.number(),
})
export type ScoreWeights = z.infer<typeof ScoreWeights>

/** One way to answer: the module that answers, the model it asks, and how the steps combine. */
export const Arm = z.object({ module: z.string(), model: z.string().nullable(), strategy: z.string() })
export type Arm = z.infer<typeof Arm>

/** What people thought of one way to answer one kind of question. */
export const ArmFigures = Arm.extend({
  kind: z.string(),
  rated: z.number().int(),
  up: z.number().int(),
  /** The share of thumbs up to be expected, 0..1: what was measured, drawn towards the mean as far as it is little. */
  expected: z.number().min(0).max(1),
})
export type ArmFigures = z.infer<typeof ArmFigures>

/** What one round of learning saw and changed. */
export const LearningReport = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  ratedAnswers: z.number().int(),
  up: z.number().int(),
  /** The most rated first. */
  arms: z.array(ArmFigures),
  weights: z.object({ before: ScoreWeights, after: ScoreWeights }),
  /** Answers for which there was a choice, and those of them that would now most likely be made in another way. */
  choices: z.object({ logged: z.number().int(), changed: z.number().int() }),
  /** The share of thumbs up among rated answers with a choice, as it was and as it would have been. */
  estimate: z.object({
    answers: z.number().int(),
    before: z.number().min(0).max(1).nullable(),
    /** Null while there is not enough to tell. */
    after: z.number().min(0).max(1).nullable(),
    basis: z.string(),
  }),
})
export type LearningReport = z.infer<typeof LearningReport>

export const LearnedVersion = z.object({
  version: z.number().int(),
  createdAt: z.iso.datetime(),
  madeBy: z.enum(['person', 'job']),
  ratedAnswers: z.number().int(),
  weights: ScoreWeights,
})
export type LearnedVersion = z.infer<typeof LearnedVersion>

export const Learning = z.object({
  /** While it is off, the starting weights and the rules decide. */
  isOn: z.boolean(),
  /** In effect now; null while the rules alone decide. */
  version: z.number().int().nullable(),
  weights: ScoreWeights,
  startingWeights: ScoreWeights,
  /** Rated answers from which on the rules may be departed from. */
  ratedAnswersNeeded: z.number().int(),
  /** Of the newest version; null when nothing was learned yet. */
  report: LearningReport.nullable(),
  /** The newest first. */
  versions: z.array(LearnedVersion),
})
export type Learning = z.infer<typeof Learning>

export const SetLearning = z.strictObject({ isOn: z.boolean() })
export type SetLearning = z.infer<typeof SetLearning>
