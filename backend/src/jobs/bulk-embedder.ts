import type { Embedder } from '../ports/embedder/port.ts'

/** Running headers and boilerplate come again and again; so many of the latest texts are embedded once only. */
const remembered = 1_000

/** Embeds behind the questions that people wait for, and the same text once. */
export function createBulkEmbedder(embedder: Embedder, signal: AbortSignal) {
  const known = new Map<string, number[]>()

  return async (texts: readonly string[]): Promise<number[][]> => {
    const missing = [...new Set(texts.filter((text) => !known.has(text)))]
    const vectors = await embedder.embed(missing, signal, 'bulk')
    missing.forEach((text, index) => known.set(text, vectors[index]!))
    const found = texts.map((text) => known.get(text)!)
    for (const text of known.keys()) {
      if (known.size <= remembered) break
      known.delete(text)
    }
    return found
  }
}
