import { pino } from 'pino'

/** Event name plus fields. Never prompts, answers, file text, tokens, cookies or keys. */
export interface Log {
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, fields?: Fields): void
  /** A logger that adds these fields to every line. */
  with(fields: Fields): Log
}

/**
 * All that a line may hold: ids, numbers and names that the code itself has. What is not on the list is not written,
 * whoever logs it; a new field gets its place here, unless something that a person wrote could stand in it.
 */
const fieldNames = [
  'action',
  'answeredBy',
  'applied',
  'attempt',
  'attempts',
  'calls',
  'changedChoices',
  'cleaned',
  'code',
  'collectionId',
  'costUsd',
  'database',
  'dead',
  'documentId',
  'documents',
  'dropped',
  'durationMs',
  'error',
  'errorCode',
  'events',
  'failures',
  'finishReason',
  'firstByteMs',
  'frames',
  'held',
  'host',
  'hours',
  'id',
  'inputTokens',
  'isEnabled',
  'jobId',
  'kids',
  'kind',
  'letter',
  'made',
  'method',
  'model',
  'module',
  'outputTokens',
  'passed',
  'port',
  'provider',
  'pruned',
  'ratedAnswers',
  'refused',
  'requestId',
  'resealed',
  'route',
  'runId',
  'signal',
  'socketId',
  'sourceId',
  'status',
  'stream',
  'swept',
  'tokensEstimated',
  'tool',
  'unopened',
  'userId',
  'version',
  'via',
  'warning',
  'workspaceId',
] as const

type Fields = Readonly<Partial<Record<(typeof fieldNames)[number], unknown>>>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Written beside the work, not within it. pino writes what is left when the process exits, whatever ends it. */
const standardOutput = () => pino.destination({ dest: 1, sync: false })

export function createLog({ level }: { level: LogLevel }, destination: pino.DestinationStream = standardOutput()): Log {
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

const known: ReadonlySet<string> = new Set(fieldNames)
const longest = 500

function plain(fields: Fields = {}): Record<string, unknown> {
  const entries = Object.entries(fields)
  const listed = entries.filter(([name]) => known.has(name)).map(([name, value]) => [name, shown(value)])
  // So that whoever misses a field finds out why; names are ours.
  const unlisted = entries.filter(([name, value]) => value !== undefined && !known.has(name)).map(([name]) => name)
  return { ...Object.fromEntries(listed), ...(unlisted.length > 0 ? { unlisted } : {}) }
}

/** Numbers, short names and lists of them; an object could hold anything. */
function shown(value: unknown): unknown {
  if (value instanceof Error) return describe(value)
  if (typeof value === 'string') return withoutSecrets(value).slice(0, longest)
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'object' ? typeof item : shown(item)))
  return typeof value === 'object' && value !== null ? 'object' : value
}

/** Errors lose their message in JSON otherwise; their `cause` is where the vendor's own words are. */
function describe(error: Error): Record<string, unknown> {
  const message = withoutSecrets(withoutContent(error)).slice(0, longest)
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return {
    name: error.name,
    message,
    stack: [`${error.name}: ${message}`, ...frames].join('\n'),
    ...('code' in error ? { code: shown(error.code) } : {}),
    ...(error.cause instanceof Error ? { cause: describe(error.cause) } : {}),
  }
}

/** Parsers quote what they could not read: the text of a file, of a model or of a request. */
const withoutContent = ({ name, message }: Error): string =>
  (name === 'SyntaxError' ? message.replace(/["'][^]*["']/, '…') : message)
    .replace(/\b(Value|Text|Prompt|Response): [^]*$/, '$1: …')
    .replace(/: "[^]*"$/, ': …')

/** A second net under the list, for what a message may bring along: our keys and tickets, others' keys, tokens, addresses. */
const secretShapes = [
  /\bn(k_live|[a-z])_[\w-]{30,}/g,
  /\b[sp]k-[\w-]{16,}/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\bv1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+/g,
  /\bBearer +[^\s"']+/gi,
  /(?<=:\/\/)[^\s/@]+:[^\s/@]+(?=@)/g,
  /[^\s"'<>@:()]+@[a-z\d-]+(\.[a-z\d-]+)+/gi,
]

const withoutSecrets = (text: string): string => secretShapes.reduce((rest, shape) => rest.replace(shape, '…'), text)
