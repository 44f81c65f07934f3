import { NitroError } from '@nitroagi/shared/errors'
import type { Sql } from './connection.ts'

/** SQLSTATE classes for "the server is not there or not ready": connection, shutdown, too many connections. */
const unavailable = /^(08|57P0|53300)/
/** Prisma's own codes for the same: cannot reach, timed out, connection closed, pool exhausted. */
const prismaUnavailable = /^(P1001|P1002|P1008|P1017|P2024)$/
const socket = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'])

/** Turns the driver's failures that a caller can act on into ours; the rest stay what they are and are logged whole. */
export async function translateFailures<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translated(error)
  }
}

function translated(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof NitroError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === '53100') {
    return new NitroError('storage_full', 'The database has no disk space left. Free some and try again.', {
      cause: error,
    })
  }
  const message = error.message
  if (
    unavailable.test(code) ||
    prismaUnavailable.test(code) ||
    socket.has(code) ||
    /timeout exceeded when trying to connect|Connection terminated/.test(message)
  ) {
    return new NitroError('unavailable', 'The database is not reachable right now. Try again in a moment.', {
      cause: error,
      retryAfterSeconds: 2,
    })
  }
  return error
}

/**
 * The work of a transaction. PostgreSQL keeps nothing of one in which a statement failed, and answers its COMMIT as if all
 * were well: whoever caught the failure and went on is told of it here, instead of never.
 */
export async function allOrNothing<Result>(tx: Sql, work: (tx: Sql) => Promise<Result>): Promise<Result> {
  const failures: unknown[] = []
  const result = await work({
    query: <Row>(text: string, params?: readonly unknown[]) =>
      tx.query<Row>(text, params).catch((error: unknown) => {
        failures.push(error)
        throw error
      }),
  })
  if (failures.length > 0) throw failures[0]
  return result
}

/** Whether a unique constraint refused the row; `constraint` narrows it to one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') return false
  return constraint === undefined || ('constraint' in error && error.constraint === constraint)
}

/** Whether the row points at something that is not there (or is somebody else's, which looks the same). */
export const isForeignKeyViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23503'

/** A pooler gave this connection another server than the one that knows the prepared statement; nothing was done. */
export const isStatementLost = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '26000' || error.code === '42P05')

/** Two waited for each other and this one was chosen to give way; nothing of it was done, so it may be tried again. */
export const isDeadlock = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '40P01'
