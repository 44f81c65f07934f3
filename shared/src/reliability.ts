import { z } from 'zod'

/** Answers whose stated confidence lay between `from` and `to`, and how they were rated. */
export const ReliabilityBin = z.object({
  from: z.number(),
  to: z.number(),
  answers: z.number().int(),
  /** Mean of what was stated, and share of thumbs up, 0..1; null where no answer is. */
  stated: z.number().min(0).max(1).nullable(),
  good: z.number().min(0).max(1).nullable(),
})
export type ReliabilityBin = z.infer<typeof ReliabilityBin>

/** Whether the confidence that was stated came true, as far as people have said so. */
export const Reliability = z.object({
  /** Of answers with a measured confidence. */
  ratedAnswers: z.number().int(),
  /** From so many on, ratings correct what is stated. */
  neededAnswers: z.number().int(),
  isCalibrated: z.boolean(),
  /** All ten of them, from 0 to 1; none without ratings. */
  bins: z.array(ReliabilityBin),
  /** Mean squared distance of the stated confidence from what was said of the answer: 0 is best. */
  brier: z.number().nullable(),
  /** Mean distance of the stated confidence from the share of thumbs up over the bins, by their answers: 0 is best. */
  expectedCalibrationError: z.number().nullable(),
})
export type Reliability = z.infer<typeof Reliability>
