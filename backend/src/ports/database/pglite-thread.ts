import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { messages, type QueryOptions, type Results } from '@electric-sql/pglite'

/** What is soon forgotten is little there; without a limit V8 would keep some 50 MB for it. */
const youngMb = 8

/** What we and our vendors use of PGlite, wherever it runs. */
export interface Lite extends LiteQueries {
  transaction<Result>(work: (tx: LiteTransaction) => Promise<Result>): Promise<Result>
  /** One statement after `begin` in a transaction of its own, in one message instead of four. */
  queryAfter?<Row>(begin: string, text: string, params: unknown[]): Promise<Results<Row>>
  listen(channel: string, hear: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

interface LiteQueries {
  query<Row>(text: string, params?: unknown[], options?: LiteOptions): Promise<Results<Row>>
  exec(text: string): Promise<Results[]>
}

interface LiteTransaction extends LiteQueries {
  rollback(): Promise<void>
}

type LiteOptions = Pick<QueryOptions, 'rowMode' | 'parsers'>

export interface LiteThreadData {
  dataDir: string | undefined
}

export type LiteWork =
  /** Answered as soon as the database can be used. */
  | { kind: 'open' }
  /** Columns of the types in `unparsed` come as PostgreSQL writes them. */
  | {
      kind: 'query'
      text: string
      params: unknown[]
      rowMode: QueryOptions['rowMode']
      unparsed: number[]
      transaction?: number
      /** Statements to run before it, in a transaction with it. */
      begin?: string
    }
  | { kind: 'exec'; text: string; transaction?: number }
  | { kind: 'begin' }
  | { kind: 'end'; transaction: number; isKept: boolean }
  | { kind: 'rollback'; transaction: number }
  | { kind: 'listen'; channel: string }
  | { kind: 'unlisten'; listener: number }
  | { kind: 'close' }

/** Transactions and listeners are called by the id of the request that began them. */
export type LiteRequest = LiteWork & { id: number }

export type LiteReply =
  { id: number; result: unknown } | { id: number; failure: LiteFailure } | { listener: number; payload: string }

/** An error does not keep its fields on the way between threads. */
export interface LiteFailure {
  message: string
  isOfPostgres: boolean
  fields: Record<string, unknown>
}

/**
 * PGlite in a thread of its own: a statement over thousands of passages takes its seconds there, while this one goes on
 * answering. Waits for the database to be ready.
 */
export async function openLiteThread(data: LiteThreadData): Promise<Lite> {
  const thread = startThread(data)
  await thread.ask({ kind: 'open' })
  return {
    ...queriesOf(thread),
    transaction: (work) => transact(thread, work),
    queryAfter: (begin, text, params) =>
      thread.ask({ kind: 'query', text, params, rowMode: undefined, unparsed: [], begin }),
    async listen(channel, hear) {
      const listener = thread.nextId()
      thread.listeners.set(listener, hear)
      await thread.ask({ kind: 'listen', channel })
      return async () => {
        thread.listeners.delete(listener)
        await thread.ask({ kind: 'unlisten', listener })
      }
    },
    async close() {
      await thread.ask({ kind: 'close' })
      await thread.end()
    },
  }
}

type Thread = ReturnType<typeof startThread>

function startThread(workerData: LiteThreadData) {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngMb },
  })
  const waiting = new Map<number, (reply: LiteReply) => void>()
  const listeners = new Map<number, (payload: string) => void>()
  let serial = 0
  let gone: LiteFailure | undefined

  worker.on('message', (reply: LiteReply) => {
    if ('listener' in reply) return listeners.get(reply.listener)?.(reply.payload)
    const settle = waiting.get(reply.id)
    waiting.delete(reply.id)
    // An idle database keeps no process alive.
    if (waiting.size === 0) worker.unref()
    settle?.(reply)
  })
  const ended = (message: string) => {
    // As a server that was shut down says it.
    const failure = (gone ??= { message, isOfPostgres: false, fields: { code: '57P01' } })
    for (const [id, settle] of waiting) settle({ id, failure })
    waiting.clear()
  }
  worker.on('error', (error: Error) => ended(`The thread of the embedded database broke: ${error.message}`))
  worker.on('exit', () => ended('The embedded database has ended'))

  return {
    listeners,
    /** Which the next `ask` will have. */
    nextId: () => serial + 1,
    async ask<Result>(work: LiteWork): Promise<Result> {
      const id = ++serial
      if (gone) throw errorOf(gone)
      const reply = await new Promise<LiteReply>((resolve, reject) => {
        waiting.set(id, resolve)
        worker.ref()
        try {
          worker.postMessage({ ...work, id } satisfies LiteRequest)
        } catch (error) {
          // A parameter that cannot be copied.
          waiting.delete(id)
          reject(error as Error)
        }
      })
      // Made here, so that its stack says who asked.
      if ('failure' in reply) throw errorOf(reply.failure)
      return (reply as { result: Result }).result
    },
    async end() {
      const exit = once(worker, 'exit')
      await worker.terminate()
      await exit
    },
  }
}

function queriesOf(thread: Thread, transaction?: number): LiteQueries {
  const within = transaction === undefined ? {} : { transaction }
  return {
    async query<Row>(text: string, params: unknown[] = [], { rowMode, parsers = {} }: LiteOptions = {}) {
      const unparsed = Object.keys(parsers).map(Number)
      const found = await thread.ask<Results<Row>>({ kind: 'query', text, params, rowMode, unparsed, ...within })
      if (unparsed.length > 0) parse(found, parsers)
      return found
    },
    exec: (text) => thread.ask({ kind: 'exec', text, ...within }),
  }
}

/** Functions stay in this thread, so that what they parse comes as text. */
function parse({ fields, rows }: Results<unknown>, parsers: NonNullable<LiteOptions['parsers']>): void {
  for (const row of rows as Record<string | number, unknown>[]) {
    for (const [index, { name, dataTypeID }] of fields.entries()) {
      const key = Array.isArray(row) ? index : name
      const value = row[key]
      if (typeof value === 'string') row[key] = parsers[dataTypeID]?.(value) ?? value
    }
  }
}

async function transact<Result>(thread: Thread, work: (tx: LiteTransaction) => Promise<Result>): Promise<Result> {
  const transaction = await thread.ask<number>({ kind: 'begin' })
  const end = (isKept: boolean) => thread.ask<void>({ kind: 'end', transaction, isKept })
  let result: Result
  try {
    result = await work({
      ...queriesOf(thread, transaction),
      rollback: () => thread.ask({ kind: 'rollback', transaction }),
    })
  } catch (error) {
    // What went wrong first is what matters.
    await end(false).catch(() => {})
    throw error
  }
  await end(true)
  return result
}

function errorOf({ message, isOfPostgres, fields }: LiteFailure): Error {
  // Prisma's adapter knows the database's own errors by their class.
  const error = isOfPostgres ? new messages.DatabaseError(message, message.length, 'error') : new Error(message)
  return Object.assign(error, fields)
}
