import type { CompletionExtension, FinishReason } from '@nitroagi/shared/openai'

/** What a completion is made of, whoever writes it: the orchestrator, or a provider's model by itself. */
export type Piece =
  | { type: 'text'; delta: string }
  | { type: 'reasoning'; delta: string }
  | { type: 'tool-call'; index: number; id: string; name: string }
  | { type: 'tool-arguments'; index: number; delta: string }

export interface Ending {
  finishReason: FinishReason
  inputTokens: number
  outputTokens: number
  nitro: CompletionExtension
}

/** Yields visible pieces only, so that the first one is the moment when the answer has begun. Throws `NitroError`. */
export type Pieces = AsyncGenerator<Piece, Ending>

/** About four bytes to a token for Western text and rather one character for Han; only ever shown as estimated. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)
