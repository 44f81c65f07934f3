import { access, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { NitroError } from '@nitroagi/shared/errors'
import type { LocalModel, Pooling } from './local-model-worker.ts'
import type { Embedder, EmbeddingLane } from './port.ts'
import { prefixed, readable, type Prefixes } from './texts.ts'
import { createEmbeddingThreads } from './threads.ts'

const batchSize = 8
const textCharacters = 12_000
/** Not installed with the backend: together they are larger than all the rest of it. */
const packages = ['onnxruntime-web@1.30.0', '@huggingface/tokenizers@0.2.0']

interface Needs {
  /** Laid out as the models of transformers.js are. */
  dir: string
  workers: number
  /** Where they are set; otherwise what the model's folder says. */
  prefixes?: Partial<Prefixes> | undefined
}

/** A sentence model in ONNX from a folder, run by WebAssembly in threads of this process. Nothing is downloaded. */
export async function openLocalEmbedder({ dir, workers, prefixes: wanted }: Needs): Promise<Embedder> {
  checkPackages()
  const folder = resolve(dir)
  const config = await readJson(folder, 'config.json')
  const model = await readModel(folder, config)
  const dimensions = await dimensionsOf(folder, config)
  const told = await toldPrefixes(folder)
  const prefixes = { question: wanted?.question ?? told.question, passage: wanted?.passage ?? told.passage }
  const module = new URL('./local-model-worker.ts', import.meta.url)
  const threads = createEmbeddingThreads({ module, model, workers })
  const id = `local/${basename(folder)}@${dimensions}`

  async function embed(texts: readonly string[], signal?: AbortSignal, lane: EmbeddingLane = 'question') {
    signal?.throwIfAborted()
    const batches = []
    for (let from = 0; from < texts.length; from += batchSize) {
      const batch = texts.slice(from, from + batchSize)
      const values = batch.map((text) => readable(prefixed(prefixes, lane, text), textCharacters))
      batches.push(threads.run(values, lane, signal))
    }
    const vectors = (await Promise.all(batches)).flat()
    const wrong = vectors.find((vector) => vector.length !== dimensions)
    if (!wrong) return vectors
    throw new NitroError(
      'unavailable',
      `${id} makes vectors of ${wrong.length} numbers, but its config.json says ${dimensions}. Correct hidden_size there.`,
    )
  }

  return {
    id,
    location: 'local',
    dimensions,
    batchSize,
    embed,
    model: {
      specificationVersion: 'v4',
      provider: 'nitro',
      modelId: id,
      maxEmbeddingsPerCall: batchSize,
      supportsParallelCalls: true,
      doEmbed: async ({ values, abortSignal }) => ({ embeddings: await embed(values, abortSignal), warnings: [] }),
    },
    // Embedding something would keep a model in memory from one health check to the next.
    check: () => access(model.onnx),
    close: threads.close,
  }
}

function checkPackages(): void {
  const { resolve: find } = createRequire(import.meta.url)
  for (const name of packages) {
    try {
      find(name.replace(/@[\d.]+$/, ''))
    } catch (cause) {
      throw new NitroError(
        'unavailable',
        `A local embedding model needs two packages that are not installed. Install them in the folder of the backend: ` +
          `npm install --no-save ${packages.join(' ')}`,
        { cause },
      )
    }
  }
}

async function readModel(folder: string, config: Json): Promise<LocalModel> {
  const tokenizer = await readJson(folder, 'tokenizer.json')
  const tokenizerConfig = await readJson(folder, 'tokenizer_config.json')
  const onnx = await firstOf(folder, ['onnx/model_quantized.onnx', 'onnx/model.onnx', 'model.onnx'])
  const limits = [config['max_position_embeddings'], tokenizerConfig['model_max_length'], 8_192]
  return {
    onnx,
    tokenizer,
    tokenizerConfig,
    // Some configurations hold an absurdly large number for "no limit".
    maxTokens: Math.min(...limits.filter((limit) => typeof limit === 'number')),
    pooling: await poolingOf(folder),
  }
}

/** A dense layer after the pooling has the last word on the size. */
async function dimensionsOf(folder: string, config: Json): Promise<number> {
  const dense = await readJson(folder, '2_Dense/config.json', {})
  const size = dense['out_features'] ?? config['hidden_size'] ?? config['d_model'] ?? config['dim']
  if (typeof size === 'number' && size > 0) return size
  throw unusable(`config.json in ${folder} does not say hidden_size, the number of dimensions. Add it.`)
}

async function poolingOf(folder: string): Promise<Pooling> {
  const config = await readJson(folder, '1_Pooling/config.json', {})
  if (config['pooling_mode_cls_token'] === true) return 'cls'
  if (config['pooling_mode_lasttoken'] === true) return 'last'
  return 'mean'
}

/** Sentence-transformers writes the prefixes of a model into its folder. */
async function toldPrefixes(folder: string): Promise<Prefixes> {
  const { prompts } = await readJson(folder, 'config_sentence_transformers.json', {})
  const named = (prompts ?? {}) as Record<string, string | undefined>
  return { question: named['query'] ?? '', passage: named['passage'] ?? named['document'] ?? '' }
}

export type Json = Record<string, unknown>

async function readJson(folder: string, name: string, otherwise?: Json): Promise<Json> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
  if (text === undefined && otherwise) return otherwise
  if (text === undefined) throw unusable(`There is no ${name} in ${folder}.`)
  try {
    return JSON.parse(text) as Json
  } catch {
    throw unusable(`${name} in ${folder} is not JSON.`)
  }
}

async function firstOf(folder: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const path = join(folder, name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw unusable(`There is none of ${names.join(', ')} in ${folder}.`)
}

const unusable = (message: string) =>
  new NitroError('unavailable', `NITRO_EMBEDDING_MODEL_DIR does not hold a model that can be used. ${message}`)
