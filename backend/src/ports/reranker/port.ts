import type { Payer } from '../language-model/meter-port.ts'

/** Looks at a question and passages together, which a search over many cannot do. */
export interface Reranker {
  /** The model, for those who ask why. */
  readonly id: string
  /** A score for each text, higher is better; in the order of the texts. Aborts with the signal; throws `NitroError`. */
  rerank(question: string, texts: readonly string[], signal: AbortSignal, payer?: Payer): Promise<number[]>
}
