import { pino } from 'pino'

/** Event name plus fields. Never prompts, answers, file text, tokens, cookies or keys. */
export interface Log {
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, fields?: Fields): void
  /** A logger that adds these fields to every line. */
  with(fields: Fields): Log
}

type Fields = Readonly<Record<string, unknown>>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export function createLog({ level }: { level: LogLevel }): Log {
  // Written beside the work, not within it. pino writes what is left when the process exits, whatever ends it.
  const destination = pino.destination({ dest: 1, sync: false })
  return wrap(pino({ level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime }, destination))
}

export const silentLog: Log = { info() {}, warn() {}, error() {}, with: () => silentLog }

function wrap(logger: pino.Logger): Log {
  return {
    info: (event, fields) => logger.info(plain(fields), event),
    warn: (event, fields) => logger.warn(plain(fields), event),
    error: (event, fields) => logger.error(plain(fields), event),
    with: (fields) => wrap(logger.child(plain(fields))),
  }
}

/** Errors lose their message in JSON otherwise; their `cause` is where the vendor's own words are. */
function plain(fields: Fields = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? describe(value) : value]),
  )
}

const describe = (error: Error): Record<string, unknown> => ({
  name: error.name,
  message: error.message,
  stack: error.stack,
  ...('code' in error ? { code: error.code } : {}),
  ...(error.cause instanceof Error ? { cause: describe(error.cause) } : {}),
})
