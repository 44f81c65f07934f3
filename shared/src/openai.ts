import { z } from 'zod'
import { limits } from './limits.ts'

/**
 * What OpenAI's clients send and expect, as far as we understand it. Clients send many more fields than we read:
 * unknown ones are let through and ignored, and `null` means absent.
 */

const TextPart = z
  .looseObject({ type: z.string(), text: z.string().optional(), refusal: z.string().optional() })
  .refine((part) => (part.type === 'text' ? part.text !== undefined : part.type === 'refusal'), {
    error: (issue) => `Only text is understood here for now, not "${(issue.input as { type: string }).type}"`,
  })

const Content = z.union([z.string(), z.array(TextPart)])

/** Addresses are not fetched: an image comes with the request. */
const ImageUrl = z.looseObject({
  url: z
    .string()
    .startsWith('data:', 'An image is taken as a data: URL with its bytes; other addresses are not fetched'),
})

const UserPart = z
  .looseObject({
    type: z.string(),
    text: z.string().optional(),
    refusal: z.string().optional(),
    image_url: ImageUrl.optional(),
  })
  .refine((part) => (part.type === 'text' ? part.text !== undefined : part.type !== 'image_url' || part.image_url), {
    error: (issue) => `A part of the type "${(issue.input as { type: string }).type}" lacks its content`,
  })
  .refine(({ type }) => ['text', 'refusal', 'image_url'].includes(type), {
    error: (issue) =>
      `Only text and images are understood here for now, not "${(issue.input as { type: string }).type}"`,
  })

const UserContent = z.union([z.string(), z.array(UserPart)])

const ToolCall = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string().min(1).max(200), arguments: z.string() }),
})

export const ChatMessage = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: Content }),
  z.looseObject({ role: z.literal('developer'), content: Content }),
  z.looseObject({ role: z.literal('user'), content: UserContent }),
  z.looseObject({
    role: z.literal('assistant'),
    content: Content.nullish(),
    tool_calls: z.array(ToolCall).max(128).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), content: Content, tool_call_id: z.string().min(1).max(200) }),
])
export type ChatMessage = z.infer<typeof ChatMessage>

const FunctionTool = z.looseObject({
  type: z.literal('function', 'Only tools of the type "function" are understood here'),
  function: z.looseObject({
    name: z.string().regex(/^[\w.-]{1,128}$/, 'A tool is named with letters, digits, dots, dashes and underscores'),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
})

const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }),
])

const ResponseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: z.string().nullish(),
      description: z.string().nullish(),
      schema: z.record(z.string(), z.unknown()).nullish(),
    }),
  }),
])

export const ChatCompletionRequest = z.looseObject({
  model: z.string().min(1).max(200),
  messages: z.array(ChatMessage).min(1, 'Send at least one message').max(2_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, 'One answer at a time: n can only be 1').nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  seed: z.number().int().nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
  response_format: ResponseFormat.nullish(),
  tools: z.array(FunctionTool).max(128).nullish(),
  tool_choice: ToolChoice.nullish(),
})
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>

export const CompletionUsage = z.object({
  prompt_tokens: z.number().int(),
  completion_tokens: z.number().int(),
  total_tokens: z.number().int(),
})
export type CompletionUsage = z.infer<typeof CompletionUsage>

/** Our own account of the answer, beside OpenAI's fields: their clients keep it and do not mind it. */
export const CompletionExtension = z.object({
  /** The model that wrote the answer; null when none did. */
  model: z.string().nullable(),
  /** True when the provider gave no count, so that `usage` is worked out from the length of the text. */
  usageEstimated: z.boolean(),
  costUsd: z.number().nullable(),
  /** The citations that the text marks as [1], [2], … See SourceData in runs.ts. */
  sources: z.array(z.looseObject({ number: z.number().int(), title: z.string(), quote: z.string() })).optional(),
  /** The tools that the model called on its way, and what they gave; `error` where a call came to nothing. */
  tools: z
    .array(
      z.object({ name: z.string(), input: z.unknown(), output: z.unknown().optional(), error: z.string().optional() }),
    )
    .optional(),
  /** See PlanData in runs.ts. */
  plan: z.looseObject({}).optional(),
  /** How sure the answer is; `value` is null when nothing measured it. See ConfidenceData in runs.ts. */
  confidence: z.looseObject({ value: z.number().nullable() }).optional(),
  /** What there is to know about the answer, such as that no language model is configured. */
  notices: z.array(z.looseObject({ level: z.string(), code: z.string(), message: z.string() })).optional(),
  /** Fields of the request that an orchestrated answer does not follow. */
  ignored: z.array(z.string()).optional(),
})
export type CompletionExtension = z.infer<typeof CompletionExtension>

export const FinishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter'])
export type FinishReason = z.infer<typeof FinishReason>

export const ChatCompletion = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.number().int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.number().int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        reasoning_content: z.string().optional(),
        tool_calls: z.array(ToolCall).optional(),
      }),
      logprobs: z.null(),
      finish_reason: FinishReason,
    }),
  ),
  usage: CompletionUsage,
  nitro: CompletionExtension,
})
export type ChatCompletion = z.infer<typeof ChatCompletion>

export const OpenaiModel = z.object({
  id: z.string(),
  object: z.literal('model'),
  /** Always 0: nobody tells us when a model was made. */
  created: z.number().int(),
  owned_by: z.string(),
})
export type OpenaiModel = z.infer<typeof OpenaiModel>
export const OpenaiModelList = z.object({ object: z.literal('list'), data: z.array(OpenaiModel) })

const EmbeddingText = z
  .string('Send text: arrays of token numbers are not understood here')
  .min(1, 'An empty text has no embedding')
  .max(limits.messageCharacters, `One text holds at most ${limits.messageCharacters} characters`)

export const EmbeddingsRequest = z.looseObject({
  model: z.string().min(1).max(200),
  input: z.preprocess(
    (input) => (typeof input === 'string' ? [input] : input),
    z
      .array(EmbeddingText)
      .min(1, 'Send at least one text')
      .max(limits.embeddingInputs, `Send at most ${limits.embeddingInputs} texts at once`),
  ),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().positive().nullish(),
})
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>

export const EmbeddingList = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.number().int(),
      /** Numbers, or the base64 of their little-endian 32-bit floats. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.number().int(), total_tokens: z.number().int() }),
  nitro: z.object({ usageEstimated: z.boolean() }),
})
export type EmbeddingList = z.infer<typeof EmbeddingList>

export const OpenaiError = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})
export type OpenaiError = z.infer<typeof OpenaiError>
