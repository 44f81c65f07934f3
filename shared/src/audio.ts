import { z } from 'zod'
import { limits } from './limits.ts'

/** What was said in a recording. */
export const Transcription = z.object({
  text: z.string(),
  /** As its provider names it; null when it does not say. */
  language: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  model: z.string(),
})
export type Transcription = z.infer<typeof Transcription>

/** An answer of the caller's, or words of their own, to be read aloud. */
export const Speak = z
  .strictObject({
    messageId: z.uuid().optional(),
    text: z
      .string()
      .max(limits.speechCharacters, `At most ${limits.speechCharacters} characters are read aloud at once`)
      .refine((text) => text.trim().length > 0, 'There is nothing to read aloud')
      .optional(),
    /** A voice of the provider's, by its name. */
    voice: z
      .string()
      .regex(/^[\w-]{1,60}$/, 'is no name of a voice')
      .optional(),
  })
  .refine(({ messageId, text }) => (messageId === undefined) !== (text === undefined), 'Send a messageId or a text')
export type Speak = z.infer<typeof Speak>
