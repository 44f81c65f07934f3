import { setTimeout as wait } from 'node:timers/promises'
import type { EmbeddingModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { Embedder, EmbeddingAccount, EmbeddingLane } from './port.ts'
import { providerFailure, type ProviderLabel } from './provider-failures.ts'
import { prefixed, readable, unitLength, type Prefixes } from './texts.ts'

export interface ProviderEmbedding {
  provider: 'openai' | 'google' | 'compatible'
  /** As the provider calls it. */
  modelId: string
  dimensions: number
  apiKey?: string | undefined
  /** Of a server of one's own; absent for the provider's. */
  baseUrl?: string | undefined
  /** What the model wants before a text; for servers of one's own, because the providers' models know it by themselves. */
  prefixes?: Partial<Prefixes>
}

const keyNames = {
  openai: 'OPENAI_API_KEY',
  google: 'GOOGLE_GENERATIVE_AI_API_KEY',
  compatible: 'OPENAI_COMPATIBLE_API_KEY',
}
/** Texts a call, and characters of a text: what each provider takes, with room for scripts where a token is a character. */
const capacities = {
  openai: { texts: 128, characters: 8_000 },
  google: { texts: 100, characters: 6_000 },
  compatible: { texts: 32, characters: 8_000 },
}
/** Of one call; OpenAI's 300,000 tokens a request are the narrowest that is known. */
const charactersPerCall = 250_000
/** Somebody waits for a question, and words alone find something too; documents have time. */
const patience = {
  question: { timeoutMs: 10_000, tries: 2, longestWaitMs: 1_000 },
  bulk: { timeoutMs: 60_000, tries: 5, longestWaitMs: 30_000 },
}
const googleTasks = { question: 'RETRIEVAL_QUERY', bulk: 'RETRIEVAL_DOCUMENT' }

/** A provider's embedding model through the AI SDK, which is loaded with the first text. */
export function createProviderEmbedder(settings: ProviderEmbedding): Embedder {
  const { provider, modelId, dimensions, prefixes } = settings
  const label: ProviderLabel = { name: `${provider}/${modelId}`, provider, keyName: keyNames[provider] }
  const { texts: batchSize, characters } = capacities[provider]
  let loading: Promise<EmbeddingModelV4> | undefined
  let lastFailure: NitroError | undefined

  async function call(
    values: string[],
    lane: EmbeddingLane,
    signal: AbortSignal | undefined,
    account: EmbeddingAccount | undefined,
  ): Promise<number[][]> {
    loading ??= load(settings)
    const late = AbortSignal.timeout(patience[lane].timeoutMs)
    const { embeddings, usage } = await (
      await loading
    ).doEmbed({
      values,
      abortSignal: signal ? AbortSignal.any([signal, late]) : late,
      providerOptions: optionsOf(settings, lane),
    })
    account?.counted?.(usage?.tokens)
    if (embeddings.length !== values.length) {
      throw new NitroError(
        'model_failed',
        `${label.name} sent ${embeddings.length} vectors for ${values.length} texts.`,
      )
    }
    const wrong = embeddings.find((vector) => vector.length !== dimensions)
    if (wrong) {
      throw new NitroError(
        'model_failed',
        `${label.name} makes vectors of ${wrong.length} numbers, not ${dimensions}. ` +
          `Set NITRO_EMBEDDING_MODEL to ${label.name}@${wrong.length}.`,
      )
    }
    return embeddings.map(unitLength)
  }

  async function persist(...asked: Parameters<typeof call>): Promise<number[][]> {
    const [, lane, signal] = asked
    const { tries, longestWaitMs } = patience[lane]
    for (let attempt = 1; ; attempt++) {
      try {
        const vectors = await call(...asked)
        lastFailure = undefined
        return vectors
      } catch (cause) {
        signal?.throwIfAborted()
        const { error, isPassing } = providerFailure(label, cause)
        lastFailure = error
        const waitMs = (error.retryAfterSeconds ?? 0.25 * 2 ** attempt) * 1000
        if (!isPassing || attempt === tries || waitMs > longestWaitMs) throw error
        await wait(waitMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
      }
    }
  }

  const embed: Embedder['embed'] = async (texts, signal, lane = 'question', account) => {
    signal?.throwIfAborted()
    const values = texts.map((text) => readable(prefixed(prefixes, lane, text), characters))
    const vectors: number[][] = []
    for (const batch of batchesOf(values, batchSize)) {
      vectors.push(...(await persist(batch, lane, signal, account)))
    }
    return vectors
  }

  return {
    id: `${label.name}@${dimensions}`,
    location: 'provider',
    dimensions,
    batchSize,
    embed,
    model: {
      specificationVersion: 'v4',
      provider,
      modelId,
      maxEmbeddingsPerCall: batchSize,
      supportsParallelCalls: true,
      doEmbed: async ({ values, abortSignal }) => ({ embeddings: await embed(values, abortSignal), warnings: [] }),
    },
    /** From what calls have shown; asking a provider would cost money. */
    async check() {
      if (lastFailure) throw lastFailure
    },
    close: async () => {},
  }
}

function* batchesOf(values: readonly string[], size: number): Generator<string[]> {
  let batch: string[] = []
  let characters = 0
  for (const value of values) {
    if (batch.length === size || (batch.length > 0 && characters + value.length > charactersPerCall)) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(value)
    characters += value.length
  }
  if (batch.length > 0) yield batch
}

/** A server of one's own is not asked for a number: most refuse the question. */
function optionsOf({ provider, modelId, dimensions }: ProviderEmbedding, lane: EmbeddingLane): SharedV4ProviderOptions {
  switch (provider) {
    case 'openai':
      return modelId.startsWith('text-embedding-3') ? { openai: { dimensions } } : {}
    case 'google':
      return { google: { outputDimensionality: dimensions, taskType: googleTasks[lane] } }
    case 'compatible':
      return {}
  }
}

async function load({ provider, modelId, apiKey, baseUrl }: ProviderEmbedding): Promise<EmbeddingModelV4> {
  const fetch = fetchWithoutRedirects
  const key = apiKey === undefined ? {} : { apiKey }
  switch (provider) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      return createOpenAI({ ...key, ...(baseUrl ? { baseURL: baseUrl } : {}), fetch }).embeddingModel(modelId)
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      return createGoogle({ ...key, ...(baseUrl ? { baseURL: baseUrl } : {}), fetch }).embeddingModel(modelId)
    }
    case 'compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const compatible = createOpenAICompatible({ name: 'compatible', baseURL: baseUrl ?? '', ...key, fetch })
      return compatible.embeddingModel(modelId)
    }
  }
}

/** A redirect would carry texts, and on the same host the key, to where nobody has set them to go. */
const fetchWithoutRedirects: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' })
