import { readFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { Tokenizer } from '@huggingface/tokenizers'
import * as runtime from 'onnxruntime-web'
import { unitLength } from './texts.ts'
import type { EmbedReply, EmbedRequest, ThreadData } from './threads.ts'

/** How the vectors of a text's pieces become one. */
export type Pooling = 'mean' | 'cls' | 'last'

export interface LocalModel {
  /** The path of its weights. */
  onnx: string
  tokenizer: object
  tokenizerConfig: object
  maxTokens: number
  pooling: Pooling
}

const { niceness, model } = workerData as ThreadData<LocalModel>
// Linux gives each thread a priority of its own; elsewhere this would slow down the whole process.
if (process.platform === 'linux' && niceness > 0) setPriority(niceness)

// There is a thread for each core already.
runtime.env.wasm.numThreads = 1
runtime.env.logLevel = 'error'

const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig)
const padding = paddingId()
const session = open()

parentPort?.on('message', async ({ id, texts }: EmbedRequest) => {
  try {
    const rows = (await embed(texts)).map(unitLength)
    const vectors = new Float32Array(rows.flat())
    parentPort?.postMessage({ id, vectors } satisfies EmbedReply, [vectors.buffer])
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) } satisfies EmbedReply)
  }
})

async function open(): Promise<runtime.InferenceSession> {
  // Weights above 2 GB, or exported so, lie in a file beside the graph.
  const beside = `${model.onnx}_data`
  const data = await readFile(beside).catch(() => undefined)
  return runtime.InferenceSession.create(await readFile(model.onnx), {
    executionProviders: ['wasm'],
    ...(data ? { externalData: [{ path: basename(beside), data }] } : {}),
  })
}

async function embed(texts: readonly string[]): Promise<number[][]> {
  const pieces = texts.map((text) => shortened(tokenizer.encode(text).ids))
  const length = Math.max(...pieces.map((ids) => ids.length))
  const shape = [pieces.length, length]
  const tensor = (valueAt: (ids: readonly number[], place: number) => number) =>
    new runtime.Tensor(
      'int64',
      BigInt64Array.from(pieces.flatMap((ids) => Array.from({ length }, (_, place) => BigInt(valueAt(ids, place))))),
      shape,
    )
  const known: Record<string, () => runtime.Tensor> = {
    input_ids: () => tensor((ids, place) => ids[place] ?? padding),
    attention_mask: () => tensor((ids, place) => (place < ids.length ? 1 : 0)),
    token_type_ids: () => tensor(() => 0),
    position_ids: () => tensor((_, place) => place),
  }
  const loaded = await session
  const feeds = Object.fromEntries(
    loaded.inputNames.map((name) => {
      const make = known[name]
      if (!make) throw new Error(`The model wants an input ${name}, which sentence models do not have`)
      return [name, make()]
    }),
  )
  const outputs = await loaded.run(feeds)
  const whole = outputs['sentence_embedding'] ?? outputs['last_hidden_state'] ?? outputs[loaded.outputNames[0] ?? '']
  if (!whole) throw new Error('The model has no output')
  const values = whole.data as Float32Array
  const size = whole.dims.at(-1) ?? 0
  const rowAt = (row: number) => Array.from(values.subarray(row * size, (row + 1) * size))
  // Two dimensions: the graph has pooled by itself.
  if (whole.dims.length === 2) return pieces.map((_, text) => rowAt(text))
  return pieces.map((ids, text) => pooled(ids.map((_, place) => rowAt(text * length + place))))
}

function pooled(rows: readonly number[][]): number[] {
  const first = rows[0] ?? []
  if (model.pooling === 'cls') return first
  if (model.pooling === 'last') return rows.at(-1) ?? first
  return first.map((_, column) => rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length)
}

/** With the piece that ends it, which models count on. */
const shortened = (ids: number[]): number[] =>
  ids.length <= model.maxTokens ? ids : [...ids.slice(0, model.maxTokens - 1), ids.at(-1)!]

function paddingId(): number {
  const told = 'pad_token' in model.tokenizerConfig ? model.tokenizerConfig.pad_token : undefined
  const token = typeof told === 'object' && told && 'content' in told ? told.content : told
  return (typeof token === 'string' ? tokenizer.token_to_id(token) : undefined) ?? 0
}
