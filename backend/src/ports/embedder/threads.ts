import { Worker } from 'node:worker_threads'
import { NitroError } from '@nitroagi/shared/errors'
import type { EmbeddingLane } from './port.ts'

/** What a thread is started with; `niceness` is for its priority, where a system gives each thread one of its own. */
export interface ThreadData<Model = undefined> {
  niceness: number
  model: Model
}

export interface EmbedRequest {
  id: number
  texts: string[]
}

/** All vectors of the texts, one after the other, each of length one. */
export type EmbedReply =
  { id: number; vectors: Float32Array; error?: undefined } | { id: number; vectors?: undefined; error: string }

interface Task {
  texts: string[]
  signal: AbortSignal | undefined
  resolve(vectors: number[][]): void
  reject(error: unknown): void
}

interface Needs<Model> {
  /** The module that a thread runs. */
  module: URL
  model: Model
  /** Threads for documents; questions have one of their own. */
  workers: number
}

/**
 * A loaded model holds 150 MB or more; who has been idle for so long gives them back. Loading takes most of a second,
 * which nobody who thinks between two questions should wait for; a backend that was never asked has not loaded any.
 */
const idleMs = { bulk: 60_000, question: 15 * 60_000 }
/** Documents are read with what processor time is left over, so that answers stay quick meanwhile. */
const niceness = { bulk: 5, question: 0 }

/** A model in threads of this process. They start with the first text and end when idle. */
export function createEmbeddingThreads<Model>({ module, model, workers }: Needs<Model>) {
  const lanes = {
    question: createLane('question', { module, model, workers: 1 }),
    bulk: createLane('bulk', { module, model, workers }),
  }
  return {
    /** One call of the model. */
    run: (texts: string[], lane: EmbeddingLane, signal: AbortSignal | undefined) => lanes[lane].run(texts, signal),
    async close() {
      await Promise.all([lanes.question.close(), lanes.bulk.close()])
    },
  }
}

function createLane<Model>(lane: EmbeddingLane, { module, model, workers }: Needs<Model>) {
  const waiting: Task[] = []
  const threads = new Set<ReturnType<typeof startThread>>()
  let closed = false

  function startThread() {
    const worker = new Worker(module, { workerData: { niceness: niceness[lane], model } satisfies ThreadData<Model> })
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
      const free = [...threads].find((thread) => !thread.busy) ?? (threads.size < workers ? startThread() : undefined)
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

function rowsOf(vectors: Float32Array, count: number): number[][] {
  const size = vectors.length / (count || 1)
  return Array.from({ length: count }, (_, index) => Array.from(vectors.subarray(index * size, (index + 1) * size)))
}

const failed = (cause: unknown) =>
  new NitroError('unavailable', 'The embedding model could not be used. Try again in a moment.', {
    cause: cause instanceof Error ? cause : new Error(String(cause)),
    retryAfterSeconds: 5,
  })
