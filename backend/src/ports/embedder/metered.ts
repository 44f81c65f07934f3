import { likelyTokens, tokensAtMost, type Meter } from '../language-model/meter-port.ts'
import type { Price } from '../language-model/port.ts'
import type { Embedder, Embedders } from './port.ts'

/** The same, each text that a provider embeds being paid for. What is embedded here costs nothing. */
export function meterEmbedders(embedders: Embedders, meter: Meter, priceOf: (name: string) => Price | null): Embedders {
  const made = new Map(
    embedders
      .list()
      .map((embedder) => [
        embedder,
        embedder.location === 'local' ? embedder : meterEmbedder(embedder, meter, priceOf(nameOf(embedder))),
      ]),
  )
  const metered = (embedder: Embedder): Embedder => made.get(embedder) ?? embedder
  return {
    default: metered(embedders.default),
    list: () => embedders.list().map(metered),
    find(id) {
      const found = embedders.find(id)
      return found && metered(found)
    },
    close: () => embedders.close(),
  }
}

/** Without the number of dimensions, which costs nothing more. */
const nameOf = ({ id }: Embedder): string => id.replace(/@\d+$/, '')

function meterEmbedder(embedder: Embedder, meter: Meter, price: Price | null): Embedder {
  const taken = (tokens: number) => ({ tokens, usd: price && (tokens * price.inputUsd) / 1_000_000 })
  return {
    ...embedder,
    async embed(texts, signal, lane, account) {
      if (texts.length === 0) return embedder.embed(texts, signal, lane)
      const likely = () => texts.reduce((sum, text) => sum + likelyTokens(text), 0)
      const metered = await meter.begin(account?.payer, {
        model: nameOf(embedder),
        most: () => taken(texts.reduce((sum, text) => sum + tokensAtMost(text), 0)),
        least: () => taken(likely()),
      })
      let counted = 0
      let isCounted = true
      const count = (tokens: number | undefined) => {
        if (tokens === undefined || !Number.isSafeInteger(tokens) || tokens < 0) isCounted = false
        else counted += tokens
        account?.counted?.(tokens)
      }
      let isDone = false
      try {
        const vectors = await embedder.embed(texts, signal, lane, { counted: count })
        isDone = true
        return vectors
      } finally {
        // Of texts that were embedded by a server that counts nothing, or by nobody who says so.
        const isGuessed = !isCounted || (isDone && counted === 0)
        metered.settle(taken(isGuessed ? likely() : counted))
      }
    },
  }
}
