import { z } from 'zod'
import { limits } from './limits.ts'

export const FeedbackReason = z.enum(['wrong', 'incomplete', 'unsupported', 'off_topic', 'unclear', 'other'])
export type FeedbackReason = z.infer<typeof FeedbackReason>

/** What somebody thinks of an answer, and what would have been right. A second one takes the place of the first. */
export const GiveFeedback = z.strictObject({
  rating: z.enum(['up', 'down']),
  reason: FeedbackReason.optional(),
  correction: z
    .string()
    .trim()
    .min(1, 'Write what would have been right, or leave it out')
    .max(limits.correctionCharacters, `A correction holds at most ${limits.correctionCharacters} characters`)
    .refine((text) => text.isWellFormed(), 'The correction is not valid Unicode text')
    .optional(),
})
export type GiveFeedback = z.infer<typeof GiveFeedback>

export const Feedback = z.object({
  rating: z.enum(['up', 'down']),
  reason: FeedbackReason.nullable(),
  correction: z.string().nullable(),
  updatedAt: z.iso.datetime(),
})
export type Feedback = z.infer<typeof Feedback>
