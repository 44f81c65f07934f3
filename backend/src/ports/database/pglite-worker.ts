import { parentPort, workerData } from 'node:worker_threads'
import { messages, type PGlite, type Transaction } from '@electric-sql/pglite'
import { createPglite } from './create-pglite.ts'
import type { LiteFailure, LiteReply, LiteRequest, LiteThreadData } from './pglite-thread.ts'

interface Begun {
  tx: Transaction
  /** Ends it, and resolves when the database has. */
  end(isKept: boolean): Promise<void>
}

const { dataDir } = workerData as LiteThreadData
const opening = createPglite(dataDir === undefined ? {} : { dataDir })
// Whoever asks hears of it.
opening.catch(() => {})
const begun = new Map<number, Begun>()
const listeners = new Map<number, () => Promise<void>>()

parentPort?.on('message', async (request: LiteRequest) => {
  const { id } = request
  try {
    reply({ id, result: await answer(await opening, request) })
  } catch (error) {
    reply({ id, failure: failureOf(error) })
  }
})

const reply = (message: LiteReply) => parentPort?.postMessage(message)

async function answer(lite: PGlite, request: LiteRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open':
      return undefined
    case 'query': {
      const { text, params, rowMode, unparsed, transaction, begin } = request
      if (begin !== undefined) {
        return lite.transaction(async (tx) => {
          await tx.exec(begin)
          return tx.query(text, params)
        })
      }
      const parsers = Object.fromEntries(unparsed.map((type) => [type, asWritten]))
      return within(lite, transaction).query(text, params, { ...(rowMode && { rowMode }), parsers })
    }
    case 'exec':
      return within(lite, request.transaction).exec(request.text)
    case 'begin':
      begun.set(request.id, await begin(lite))
      return request.id
    case 'rollback':
      return begunOf(request.transaction).tx.rollback()
    case 'end': {
      const { end } = begunOf(request.transaction)
      begun.delete(request.transaction)
      return end(request.isKept)
    }
    case 'listen': {
      const { id: listener, channel } = request
      listeners.set(listener, await lite.listen(channel, (payload) => reply({ listener, payload })))
      return undefined
    }
    case 'unlisten':
      await listeners.get(request.listener)?.()
      listeners.delete(request.listener)
      return undefined
    case 'close':
      return lite.close()
  }
}

const asWritten = (value: string) => value

const within = (lite: PGlite, transaction: number | undefined) =>
  transaction === undefined ? lite : begunOf(transaction).tx

function begunOf(transaction: number): Begun {
  const found = begun.get(transaction)
  if (found) return found
  throw new Error('This transaction has ended')
}

/** Resolves when the transaction has the database for itself. */
function begin(lite: PGlite): Promise<Begun> {
  return new Promise((resolve, reject) => {
    const unwanted = new Error('Rolled back')
    const done = lite.transaction(
      (tx) =>
        new Promise<void>((keep, drop) => {
          const end = (isKept: boolean) => {
            if (isKept) keep()
            else drop(unwanted)
            return done.catch((error: unknown) => {
              if (error !== unwanted) throw error
            })
          }
          resolve({ tx, end })
        }),
    )
    done.catch(reject)
  })
}

function failureOf(error: unknown): LiteFailure {
  if (!(error instanceof Error)) return { message: String(error), isOfPostgres: false, fields: {} }
  // Without what was asked with, which may be somebody's text.
  const fields = Object.entries(error).filter(
    ([name, value]) => name !== 'query' && (typeof value === 'string' || typeof value === 'number'),
  )
  return {
    message: error.message,
    isOfPostgres: error instanceof messages.DatabaseError,
    fields: Object.fromEntries(fields),
  }
}
