import { createHash } from 'node:crypto'
import type { Embedder } from '../src/ports/embedder/port.ts'

/** An embedder that costs nothing: texts with the same words are near to each other, and that is all it knows. */
export function createWordEmbedder(): Embedder & { embedded: string[] } {
  const embedded: string[] = []
  const embed = async (texts: readonly string[], signal?: AbortSignal) => {
    signal?.throwIfAborted()
    embedded.push(...texts)
    return texts.map(vectorOf)
  }
  return {
    id: 'words',
    location: 'local',
    dimensions: 64,
    batchSize: 8,
    embedded,
    embed,
    model: {
      specificationVersion: 'v4',
      provider: 'test',
      modelId: 'words',
      maxEmbeddingsPerCall: 8,
      supportsParallelCalls: true,
      doEmbed: async ({ values }) => ({ embeddings: await embed(values), warnings: [] }),
    },
    check: async () => {},
    close: async () => {},
  }
}

function vectorOf(text: string): number[] {
  const vector = new Array<number>(64).fill(0)
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? ['']) {
    vector[createHash('md5').update(word).digest()[0]! % 64]! += 1
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}
