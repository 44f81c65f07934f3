import { fork } from 'node:child_process'
import { type ErrorCode, NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { OpenTable, SqlValue, TableColumn } from '../ports/database/tables-port.ts'
import { died, watch } from './extract.ts'
import type { TableType } from './read-tables.ts'

export interface TableSource {
  path: string
  mediaType: TableType
  /** What the document is called, as when it was read. */
  title: string
  number: number
}

export type TableRequest =
  | ({ type: 'open' } & TableSource)
  | { type: 'query'; id: number; sql: string; params: readonly SqlValue[]; rowsAtMost: number }
  | { type: 'place'; id: number; row: number }

export type TableReply =
  | { type: 'busy' }
  | { type: 'opened'; name: string; columns: TableColumn[]; rows: number; texts: Map<number, string[]> }
  | { type: 'rows'; id: number; rows: SqlValue[][]; rowCount: number }
  | { type: 'placed'; id: number; place: { page: number; offset: number } | undefined }
  | { type: 'failed'; id: number; code: ErrorCode; message: string; detail?: string }

interface ClosableTable extends OpenTable {
  /** Aborted when the process is gone, for whatever reason. */
  readonly ended: AbortSignal
  close(): void
}

const querySeconds = 10

/**
 * Reads a table into a database in memory, in a process of its own: without secrets, with little memory, and killed
 * when a computation takes too long.
 */
export async function openTable(source: TableSource, signal: AbortSignal): Promise<ClosableTable> {
  signal.throwIfAborted()
  const child = fork(new URL('./table-child.ts', import.meta.url), {
    execArgv: ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  const ended = new AbortController()
  const waiting = new Map<number, { resolve(reply: TableReply): void; reject(error: unknown): void }>()
  const end = (reason: unknown) => {
    if (ended.signal.aborted) return
    ended.abort(reason)
    guard.stop()
    child.kill('SIGKILL')
    for (const { reject } of waiting.values()) reject(reason)
    waiting.clear()
  }
  const guard = watch(child, end, Infinity)
  child.once('exit', (code, by) => setImmediate(() => end(died(code, by))))
  child.once('error', end)
  child.on('message', (reply: TableReply) => {
    guard.progress()
    if (reply.type === 'busy') return
    const id = reply.type === 'opened' ? 0 : reply.id
    const asked = waiting.get(id)
    waiting.delete(id)
    if (reply.type === 'failed') {
      asked?.reject(
        new NitroError(reply.code, reply.message, { cause: reply.detail ? new Error(reply.detail) : undefined }),
      )
    } else asked?.resolve(reply)
  })
  let lastId = 0

  async function ask(id: number, request: TableRequest, caller: AbortSignal, seconds: number): Promise<TableReply> {
    if (ended.signal.aborted) throw ended.signal.reason
    caller.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<TableReply>()
    waiting.set(id, { resolve, reject })
    const giveUp = () => {
      waiting.delete(id)
      reject(caller.reason)
    }
    const timer = setTimeout(
      () => end(new NitroError('step_failed', `Computing this took longer than ${seconds} s`)),
      seconds * 1_000,
    )
    caller.addEventListener('abort', giveUp, { once: true })
    child.send(request)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      caller.removeEventListener('abort', giveUp)
    }
  }

  try {
    const opened = await ask(0, { type: 'open', ...source }, signal, 120)
    if (opened.type !== 'opened') throw new NitroError('internal', 'The table answered out of turn')
    const { name, columns, rows, texts } = opened
    return {
      name,
      columns,
      rows,
      texts,
      ended: ended.signal,
      close: () => end(new NitroError('unavailable', 'The table was closed')),
      async query({ signal: caller }: Call, sql, params, rowsAtMost) {
        const id = ++lastId
        const reply = await ask(id, { type: 'query', id, sql, params, rowsAtMost }, caller, querySeconds)
        if (reply.type !== 'rows') throw new NitroError('internal', 'The table answered out of turn')
        return { rows: reply.rows, rowCount: reply.rowCount }
      },
      async placeOf({ signal: caller }: Call, row) {
        const id = ++lastId
        const reply = await ask(id, { type: 'place', id, row }, caller, querySeconds)
        return reply.type === 'placed' ? reply.place : undefined
      },
    }
  } catch (error) {
    end(error)
    throw error
  }
}
