import { likelyTokens, tokensAtMost, type Meter } from '../language-model/meter-port.ts'
import type { Price } from '../language-model/port.ts'
import type { Reranker } from './port.ts'

/** The same, each call being paid for. A reranker reads the question with every text, and says nothing of tokens. */
export function meterReranker(reranker: Reranker, meter: Meter, price: Price | null): Reranker {
  const taken = (tokens: number) => ({ tokens, usd: price && (tokens * price.inputUsd) / 1_000_000 })
  const sum = (question: string, texts: readonly string[], tokensOf: (text: string) => number) =>
    texts.reduce((tokens, text) => tokens + tokensOf(question) + tokensOf(text), 0)
  return {
    ...reranker,
    async rerank(question, texts, signal, payer) {
      const likely = () => taken(sum(question, texts, likelyTokens))
      const metered = await meter.begin(payer, {
        model: `rerank/${reranker.id}`,
        most: () => taken(sum(question, texts, tokensAtMost)),
        least: likely,
      })
      try {
        const scores = await reranker.rerank(question, texts, signal)
        metered.settle(likely())
        return scores
      } catch (error) {
        metered.settle(signal.aborted ? likely() : taken(0))
        throw error
      }
    },
  }
}
