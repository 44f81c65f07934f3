import { NitroError } from '@nitroagi/shared/errors'
import type { EmbeddingList, EmbeddingsRequest } from '@nitroagi/shared/openai'
import type { Call } from '../../call.ts'
import type { Embedder } from '../../ports/embedder/port.ts'
import { refuse } from './messages.ts'
import { estimateTokens } from './pieces.ts'

export async function embedTexts(embedder: Embedder, call: Call, request: EmbeddingsRequest): Promise<EmbeddingList> {
  // Vectors of another model than the one asked for would be compared with what they cannot be compared with.
  if (request.model !== embedder.id) {
    throw new NitroError('model_not_found', `There is no embedding model ${request.model}. There is: ${embedder.id}.`)
  }
  if (request.dimensions && request.dimensions !== embedder.dimensions) {
    throw refuse(
      'dimensions',
      `${embedder.id} has ${embedder.dimensions} dimensions and cannot be cut to another number`,
    )
  }
  const vectors: number[][] = []
  for (let from = 0; from < request.input.length; from += embedder.batchSize) {
    const batch = request.input.slice(from, from + embedder.batchSize)
    vectors.push(...(await embedder.embed(batch, call.signal, 'question', { payer: call })))
  }
  const tokens = request.input.reduce((sum, text) => sum + estimateTokens(text), 0)
  const write = request.encoding_format === 'base64' ? asBase64 : (vector: number[]) => vector
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: write(vector) })),
    model: embedder.id,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    nitro: { usageEstimated: true },
  }
}

function asBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4))
  return bytes.toString('base64')
}
