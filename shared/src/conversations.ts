import { z } from 'zod'
import { Feedback } from './feedback.ts'
import { limits } from './limits.ts'
import { pageOf } from './paging.ts'
import { Run, Strategy } from './runs.ts'

export const Conversation = z.object({
  id: z.uuid(),
  title: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** The run that is writing now, so that a reader can join it. */
  activeRunId: z.uuid().nullable(),
})
export type Conversation = z.infer<typeof Conversation>

export const ConversationPage = pageOf(Conversation)

export const CreateConversation = z.strictObject({ title: z.string().trim().max(limits.nameCharacters).optional() })
export type CreateConversation = z.infer<typeof CreateConversation>

export const UpdateConversation = z.strictObject({ title: z.string().trim().min(1).max(limits.nameCharacters) })
export type UpdateConversation = z.infer<typeof UpdateConversation>

/** A message as stored: the AI SDK's UIMessage, with its place in the tree. */
export const StoredMessage = z.object({
  id: z.uuid(),
  parentId: z.uuid().nullable(),
  role: z.enum(['user', 'assistant', 'system']),
  /** The AI SDK's UIMessage parts; see NitroMessage in runs.ts. */
  parts: z.array(z.looseObject({ type: z.string() })),
  runId: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
  /** What the reader thinks of it, if they said. */
  feedback: Feedback.nullable().optional(),
})
export type StoredMessage = z.infer<typeof StoredMessage>

export const ConversationDetail = Conversation.extend({ messages: z.array(StoredMessage) })
export type ConversationDetail = z.infer<typeof ConversationDetail>

export const RunOptions = z.strictObject({
  /** `nitro-auto`, `nitro-offline`, or a configured provider's model such as `openai/gpt-5-mini`. */
  model: z.string().max(200).optional(),
  strategy: Strategy.optional(),
  /** Who makes the plan; absent: a model when one is configured and the request is complex, otherwise rules. */
  planner: z.enum(['rules', 'model']).optional(),
  /** Absent: every collection that the person may read. Empty: none, plain conversation. */
  collectionIds: z.array(z.uuid()).max(50).optional(),
})
export type RunOptions = z.infer<typeof RunOptions>

export const SendMessage = z.strictObject({
  text: z
    .string()
    .max(limits.messageCharacters, `A message holds at most ${limits.messageCharacters} characters`)
    .refine((text) => text.trim().length > 0, 'Write a message first')
    .refine((text) => text.isWellFormed(), 'The message is not valid Unicode text')
    .refine((text) => !text.includes('\u0000'), 'The message holds a NUL character'),
  /** Ids of what was uploaded for it and not sent yet; in this order they stand above its text. */
  attachments: z
    .array(z.uuid())
    .max(limits.attachmentsPerMessage, `A message takes at most ${limits.attachmentsPerMessage} attachments`)
    .refine((ids) => new Set(ids).size === ids.length, 'An attachment is named twice')
    .optional(),
  /** The message that this one answers; the newest one when absent. */
  parentId: z.uuid().optional(),
  options: RunOptions.optional(),
})
export type SendMessage = z.infer<typeof SendMessage>

export const SentMessage = z.object({ run: Run })
export type SentMessage = z.infer<typeof SentMessage>
