import type { EmbeddingModelV4 } from '@ai-sdk/provider'
import type { Payer } from '../language-model/meter-port.ts'

/** Text to vectors. The model itself is the AI SDK's; this says which one and how to use it well. */
export interface Embedder {
  /** Names the vector space: vectors of different ids are never compared. Stored beside every vector. */
  readonly id: string
  readonly dimensions: number
  /** Where the text goes: nowhere, or to a provider. */
  readonly location: 'local' | 'provider'
  /** Texts a call is given at most. */
  readonly batchSize: number
  readonly model: EmbeddingModelV4
  /**
   * Unit-length vectors in the order of the texts. Aborts with the signal; throws `NitroError`. Somebody waits for a
   * `question`, so it never stands behind the `bulk` of documents being read.
   */
  embed(
    texts: readonly string[],
    signal?: AbortSignal,
    lane?: EmbeddingLane,
    account?: EmbeddingAccount,
  ): Promise<number[][]>
  /** Resolves when it can embed, throws otherwise. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The vector spaces of this installation. Collections name theirs. */
export interface Embedders {
  /** What new collections get, unless they say otherwise. */
  readonly default: Embedder
  /** The default first. */
  list(): readonly Embedder[]
  /** Undefined when nothing here makes vectors of that space; its collections are searched by words alone then. */
  find(id: string): Embedder | undefined
  close(): Promise<void>
}

export interface EmbeddingAccount {
  /** Needed where a provider bills. */
  payer?: Payer
  /** Told after each call of a provider how many tokens it counted; undefined when it counts none. */
  counted?(tokens: number | undefined): void
}

export type EmbeddingLane = 'question' | 'bulk'
