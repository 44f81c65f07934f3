import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { Tier } from '@nitroagi/shared/identity'
import { refusalsPerMinute, requestLimits, sessionLimits } from '@nitroagi/shared/limits'
import { z } from 'zod'

const text = z.string().optional()
const port = z.coerce.number('must be a port number').int().min(0).max(65_535)

/** Everything the backend reads from its environment. `.env.example` lists the same names; a test keeps them in step. */
export const Environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: text,
  BACKEND_PORT: port.default(8000),
  NITRO_DATA_DIR: text,
  NITRO_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  NITRO_PUBLIC_URL: z.url().optional(),
  NITRO_OWNER_EMAIL: text,
  NITRO_OPERATOR_KEY: text,
  NITRO_SECRET_KEY: text,
  NITRO_WEB_PUBLIC_KEY: text,
  NITRO_WEB_PUBLIC_KEY_FILE: text,
  NITRO_WEB_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://nitro.example.org' })
    .optional(),
  NITRO_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an address such as smtps://name:password@mail.example.org:465' })
    .optional(),
  NITRO_MAIL_FROM: text,
  CORS_ORIGINS: text,
  NITRO_ALLOWED_HOSTS: text,
  // A visit is noted every five minutes: shorter than an hour would sign out who is at work.
  NITRO_SESSION_DAYS: z.coerce.number().min(0.05).max(365).default(sessionLimits.days),
  NITRO_SESSION_IDLE_DAYS: z.coerce.number().min(0.05).max(365).default(sessionLimits.idleDays),
  NITRO_API_KEY_TIER: Tier.default('free'),
  NITRO_RATE_LIMITS: text,
  NITRO_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  DATABASE_URL: text,
  NEON_DATABASE_URL: text,
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be an address such as redis://127.0.0.1:6379' }).optional(),
  UPSTASH_REDIS_REST_URL: z.url().optional(),
  UPSTASH_REDIS_REST_TOKEN: text,
  NITRO_S3_BUCKET: text,
  NITRO_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://s3.example.org' })
    .optional(),
  NITRO_S3_REGION: text,
  NITRO_S3_ACCESS_KEY_ID: text,
  NITRO_S3_SECRET_ACCESS_KEY: text,
  NITRO_MODEL: text,
  NITRO_SCRIPTED_MODEL: text,
  NITRO_MODEL_TIMEOUT_SECONDS: z.coerce.number().positive().default(120),
  NITRO_FALLBACK: z.enum(['auto', 'always', 'never']).default('auto'),
  NITRO_FALLBACK_MODELS: text,
  NITRO_MODEL_CONCURRENCY: z.coerce.number().int().min(1).max(100_000).default(256),
  NITRO_MODEL_HEDGE: z.enum(['on', 'off']).default('on'),
  NITRO_MODEL_PROBE_SECONDS: z.coerce.number().min(0).max(86_400).default(30),
  NITRO_ANSWER_MAX_TOKENS: z.coerce.number().int().min(10_000).default(500_000),
  NITRO_ANSWER_MAX_USD: z.coerce.number().positive().default(2),
  NITRO_MODEL_PRICES: text,
  NITRO_CRITIC_MODEL: z.enum(['auto', 'always', 'never']).default('auto'),
  NITRO_VISION_MODEL: text,
  NITRO_OCR_LANGUAGES: z
    .string()
    .regex(/^[a-z]{3}(_[a-z]+)?([,+ ]+[a-z]{3}(_[a-z]+)?)*$/, 'must name languages as Tesseract does, such as eng,deu')
    .default('eng'),
  NITRO_ALLOWED_PRIVATE_HOSTS: text,
  NITRO_EMBEDDING_MODEL: text,
  NITRO_EMBEDDING_MODEL_DIR: text,
  NITRO_EMBEDDING_QUESTION_PREFIX: text,
  NITRO_EMBEDDING_PASSAGE_PREFIX: text,
  NITRO_EMBEDDING_WORKERS: z.coerce.number().int().min(1).max(16).default(2),
  NITRO_RERANK_URL: z.url().optional(),
  NITRO_RERANK_MODEL: text,
  NITRO_RERANK_API_KEY: text,
  OPENAI_API_KEY: text,
  OPENAI_MODEL: text,
  ANTHROPIC_API_KEY: text,
  ANTHROPIC_MODEL: text,
  GOOGLE_GENERATIVE_AI_API_KEY: text,
  GOOGLE_MODEL: text,
  OPENAI_COMPATIBLE_BASE_URL: z.url().optional(),
  OPENAI_COMPATIBLE_API_KEY: text,
  OPENAI_COMPATIBLE_MODEL: text,
  NITRO_TRANSCRIPTION_MODEL: text,
  NITRO_SPEECH_MODEL: text,
  NITRO_SPEECH_VOICE: text,
})

export type Config = ReturnType<typeof readConfig>

export class ConfigError extends Error {}

/** Parses the environment, naming all mistakes at once. Throws `ConfigError` before anything listens. */
export function readConfig(env: NodeJS.ProcessEnv) {
  // Unset and empty mean the same, so that a line in .env can be left blank.
  const parsed = Environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim())))
  if (!parsed.success) {
    throw new ConfigError(
      [
        'These settings cannot be used:',
        ...parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`),
      ].join('\n'),
    )
  }
  const set = parsed.data
  if (set.NODE_ENV === 'production' && set.NITRO_SCRIPTED_MODEL) {
    throw new ConfigError('NITRO_SCRIPTED_MODEL is for tests; unset it in production')
  }
  if ((set.UPSTASH_REDIS_REST_URL === undefined) !== (set.UPSTASH_REDIS_REST_TOKEN === undefined)) {
    throw new ConfigError('UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN belong together: set both, or neither')
  }
  const databaseUrl = set.DATABASE_URL ?? set.NEON_DATABASE_URL
  const embedded = databaseUrl === undefined
  const host = set.HOST ?? '127.0.0.1'
  const loopback = ['127.0.0.1', 'localhost', '::1'].includes(host)
  const dataDir = directory(set.NITRO_DATA_DIR ?? '.nitro')
  const modelPrices = modelPricesOf(set.NITRO_MODEL_PRICES)

  return {
    production: set.NODE_ENV === 'production',
    host,
    loopback,
    port: set.BACKEND_PORT,
    dataDir,
    logLevel: set.NITRO_LOG_LEVEL,
    publicUrl: set.NITRO_PUBLIC_URL,
    /** Where people reach the web app; links in letters begin with it. */
    webUrl: (set.NITRO_WEB_URL ?? 'http://127.0.0.1:3000').replace(/\/+$/, ''),
    mail: mailOf(set),
    ownerEmail: set.NITRO_OWNER_EMAIL?.toLowerCase(),
    operatorKey: set.NITRO_OPERATOR_KEY,
    /** The first seals stored secrets, all of them open. */
    secretKeys: set.NITRO_SECRET_KEY?.split(',').map((key) => key.trim()),
    webPublicKeyFile: set.NITRO_WEB_PUBLIC_KEY_FILE,
    webPublicKeys: set.NITRO_WEB_PUBLIC_KEY?.split(',').map((key) => key.trim()),
    // As browsers say it: without the slash at the end that one likes to copy along.
    corsOrigins: set.CORS_ORIGINS?.split(',').map((origin) => URL.parse(origin.trim())?.origin ?? origin.trim()),
    sessionDays: { days: set.NITRO_SESSION_DAYS, idleDays: set.NITRO_SESSION_IDLE_DAYS },
    /** What the backend is called besides the host of its public address. */
    allowedHosts: listOf(set.NITRO_ALLOWED_HOSTS),
    /** What a new API key may ask for. */
    apiKeyTier: set.NITRO_API_KEY_TIER,
    rateLimits: rateLimitsOf(set.NITRO_RATE_LIMITS),
    trustedProxies: set.NITRO_TRUSTED_PROXIES,
    embedded,
    database:
      databaseUrl === undefined
        ? ({ adapter: 'pglite', dataDir: join(dataDir, 'database') } as const)
        : ({ adapter: isNeon(databaseUrl) ? 'neon' : 'postgres', url: databaseUrl } as const),
    workingMemory: workingMemoryOf(set),
    objectStore: objectStoreOf(set, dataDir),
    reranker: rerankerOf(set),
    embedder: { workers: set.NITRO_EMBEDDING_WORKERS, models: embeddingModelsOf(set) },
    outbound: { allowedPrivateHosts: privateHostsOf(set.NITRO_ALLOWED_PRIVATE_HOSTS) },
    /** What one answer may take, all of its steps together. */
    answerBudget: { tokens: set.NITRO_ANSWER_MAX_TOKENS, usd: set.NITRO_ANSWER_MAX_USD },
    /** In USD, by `provider/model` or `provider/*`; what is set here counts before the table of list prices. */
    modelPrices,
    criticModel: set.NITRO_CRITIC_MODEL,
    speech: speechOf(set),
    /** Looks at pictures, whatever model writes the answers. */
    visionModel: set.NITRO_VISION_MODEL,
    /** What the letters in pictures and scanned pages are read as. */
    ocrLanguages: [...new Set(set.NITRO_OCR_LANGUAGES.split(/[,+ ]+/))],
    languageModel: {
      default: set.NITRO_MODEL,
      /** A file that says what the model of the tests answers; never in production. */
      scripted: set.NITRO_SCRIPTED_MODEL,
      timeoutSeconds: set.NITRO_MODEL_TIMEOUT_SECONDS,
      fallback: set.NITRO_FALLBACK,
      fallbackModels: set.NITRO_FALLBACK_MODELS?.split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      concurrency: set.NITRO_MODEL_CONCURRENCY,
      hedge: set.NITRO_MODEL_HEDGE === 'on',
      probeSeconds: set.NITRO_MODEL_PROBE_SECONDS,
      prices: modelPrices,
      openai: set.OPENAI_API_KEY && { apiKey: set.OPENAI_API_KEY, model: set.OPENAI_MODEL },
      anthropic: set.ANTHROPIC_API_KEY && { apiKey: set.ANTHROPIC_API_KEY, model: set.ANTHROPIC_MODEL },
      google: set.GOOGLE_GENERATIVE_AI_API_KEY && { apiKey: set.GOOGLE_GENERATIVE_AI_API_KEY, model: set.GOOGLE_MODEL },
      compatible: set.OPENAI_COMPATIBLE_BASE_URL && {
        baseUrl: set.OPENAI_COMPATIBLE_BASE_URL,
        apiKey: set.OPENAI_COMPATIBLE_API_KEY,
        model: set.OPENAI_COMPATIBLE_MODEL,
      },
    },
  }
}

const listOf = (setting: string | undefined): string[] =>
  (setting?.split(',') ?? []).map((item) => item.trim()).filter((item) => item !== '')

/** `free=100/5` is 100 requests an hour and 5 at once; `refusals=60` is by the minute. What is not named stays. */
function rateLimitsOf(setting: string | undefined) {
  const requests: Record<string, { perHour: number; atOnce: number }> = { ...requestLimits }
  let refusals = refusalsPerMinute
  for (const part of setting?.split(',').map((text) => text.trim()) ?? []) {
    const [, name = '', first = '', second] = /^(\w+) *= *(\d{1,9})(?: *\/ *(\d{1,9}))?$/.exec(part) ?? []
    const [perHour, atOnce] = [Number(first), Number(second)]
    if (name === 'refusals' && second === undefined && perHour > 0) refusals = perHour
    else if (Object.hasOwn(requestLimits, name) && perHour > 0 && atOnce > 0) requests[name] = { perHour, atOnce }
    else {
      const names = Object.keys(requestLimits).join(', ')
      throw new ConfigError(
        `NITRO_RATE_LIMITS has ${part}; write name=requests an hour/at once, by commas, such as free=100/5. The names are ${names}, and refusals=a minute`,
      )
    }
  }
  return { requests: requests as Record<keyof typeof requestLimits, { perHour: number; atOnce: number }>, refusals }
}

/** Each exactly as `host:port`, so that allowing one server of a machine does not allow the others. */
function privateHostsOf(setting: string | undefined): string[] {
  const hosts = (setting?.split(',') ?? []).map((host) => host.trim().toLowerCase()).filter((host) => host !== '')
  for (const host of hosts) {
    const url = URL.parse(`http://${host}`)
    const isExact = url && /:\d+$/.test(host) && url.hostname === host.replace(/:\d+$/, '')
    if (!isExact) throw new ConfigError(`NITRO_ALLOWED_PRIVATE_HOSTS must name host:port, not ${host}`)
  }
  return hosts
}

/** `openai/my-tune=3/15, compatible/*=0/0`: USD per million tokens, in and out. */
function modelPricesOf(setting: string | undefined): Record<string, { inputUsd: number; outputUsd: number }> {
  const lines = (setting?.split(',') ?? []).map((line) => line.trim()).filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, input, output = '0'] =
        /^([a-z]+\/\S+?)\s*=\s*(\d+(?:\.\d+)?)(?:\s*\/\s*(\d+(?:\.\d+)?))?$/.exec(line) ?? []
      if (!name) throw new ConfigError(`NITRO_MODEL_PRICES has ${line}; each must be like openai/my-model=2.5/10`)
      return [name, { inputUsd: Number(input), outputUsd: Number(output) }]
    }),
  )
}

/** Numbers in a vector where nothing else is said. OpenAI's large model is cut to what an index of pgvector can hold. */
const usualDimensions: Record<string, number> = {
  'openai/text-embedding-3-small': 1536,
  'openai/text-embedding-3-large': 1536,
  'openai/text-embedding-ada-002': 1536,
  'google/gemini-embedding-001': 1536,
  'google/gemini-embedding-2': 1536,
}

/** Both, or nothing is sent. */
function mailOf({ NITRO_SMTP_URL: url, NITRO_MAIL_FROM: from }: z.infer<typeof Environment>) {
  if (!url && !from) return undefined
  if (!url) throw new ConfigError('NITRO_MAIL_FROM is set, which needs NITRO_SMTP_URL')
  if (!from)
    throw new ConfigError('NITRO_SMTP_URL is set, which needs NITRO_MAIL_FROM, such as NitroAGI <nitro@example.org>')
  return { url, from }
}

function rerankerOf(set: z.infer<typeof Environment>) {
  const { NITRO_RERANK_URL: url, NITRO_RERANK_MODEL: model, NITRO_RERANK_API_KEY: apiKey } = set
  if (!url && !model) return undefined
  if (!url) throw new ConfigError('NITRO_RERANK_MODEL is set, which needs NITRO_RERANK_URL')
  if (!model) throw new ConfigError('NITRO_RERANK_URL is set, which needs NITRO_RERANK_MODEL')
  return { url, model, apiKey }
}

/** The first is what new collections get; `use-lite` is always among them, because it needs nothing. */
function embeddingModelsOf(set: z.infer<typeof Environment>) {
  // A folder that is named and nothing else is meant to be used.
  const chosen = set.NITRO_EMBEDDING_MODEL ?? (set.NITRO_EMBEDDING_MODEL_DIR ? 'local' : '')
  const names = chosen
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return [...new Set([...names, 'use-lite'])].map((name) => embeddingModelOf(set, name))
}

function embeddingModelOf(set: z.infer<typeof Environment>, name: string) {
  const prefixes = {
    question: prefixOf(set.NITRO_EMBEDDING_QUESTION_PREFIX),
    passage: prefixOf(set.NITRO_EMBEDDING_PASSAGE_PREFIX),
  }
  if (name === 'use-lite') return { kind: 'use-lite' } as const
  if (name === 'local') {
    const dir = set.NITRO_EMBEDDING_MODEL_DIR
    if (!dir) throw new ConfigError('NITRO_EMBEDDING_MODEL is local, which needs NITRO_EMBEDDING_MODEL_DIR')
    return { kind: 'local', dir: directory(dir), prefixes } as const
  }
  const [, provider, modelId, size] = /^(openai|google|compatible)\/(.+?)(?:@(\d+))?$/.exec(name) ?? []
  if (!provider || !modelId) {
    throw new ConfigError(
      `NITRO_EMBEDDING_MODEL has ${name}; each must be use-lite, local, openai/…, google/… or compatible/…`,
    )
  }
  const dimensions = size === undefined ? usualDimensions[`${provider}/${modelId}`] : Number(size)
  if (!dimensions) {
    throw new ConfigError(`NITRO_EMBEDDING_MODEL must say how many numbers a vector of ${name} has: ${name}@768`)
  }
  const common = { kind: 'provider', modelId, dimensions } as const
  const needs = (key: string) => new ConfigError(`NITRO_EMBEDDING_MODEL is ${name}, which needs ${key}`)
  switch (provider) {
    case 'openai':
      if (!set.OPENAI_API_KEY) throw needs('OPENAI_API_KEY')
      return { ...common, provider: 'openai', apiKey: set.OPENAI_API_KEY } as const
    case 'google':
      if (!set.GOOGLE_GENERATIVE_AI_API_KEY) throw needs('GOOGLE_GENERATIVE_AI_API_KEY')
      return { ...common, provider: 'google', apiKey: set.GOOGLE_GENERATIVE_AI_API_KEY } as const
    default: {
      const baseUrl = set.OPENAI_COMPATIBLE_BASE_URL
      if (!baseUrl) throw needs('OPENAI_COMPATIBLE_BASE_URL')
      return { ...common, provider: 'compatible', baseUrl, apiKey: set.OPENAI_COMPATIBLE_API_KEY, prefixes } as const
    }
  }
}

/** The blank after a colon is lost in most ways to write a setting. */
const prefixOf = (setting: string | undefined) => (setting?.endsWith(':') ? `${setting} ` : setting)

/** With a key of OpenAI's it listens and speaks too, unless something else is said. */
function speechOf(set: z.infer<typeof Environment>) {
  const pick = (setting: 'NITRO_TRANSCRIPTION_MODEL' | 'NITRO_SPEECH_MODEL', usual: string) => {
    const name = set[setting] ?? (set.OPENAI_API_KEY ? usual : 'off')
    if (name === 'off') return undefined
    const provider = /^(openai|compatible)\/./.exec(name)?.[1]
    if (!provider) throw new ConfigError(`${setting} must be openai/… or compatible/…, or off`)
    const key = provider === 'openai' ? 'OPENAI_API_KEY' : 'OPENAI_COMPATIBLE_BASE_URL'
    if (!set[key]) throw new ConfigError(`${setting} is ${name}, which needs ${key}`)
    return name
  }
  return {
    transcription: pick('NITRO_TRANSCRIPTION_MODEL', 'openai/gpt-4o-mini-transcribe'),
    speech: pick('NITRO_SPEECH_MODEL', 'openai/gpt-4o-mini-tts'),
    voice: set.NITRO_SPEECH_VOICE,
  }
}

/** Over TCP when both are set: its replies are the quicker ones. */
function workingMemoryOf(set: z.infer<typeof Environment>) {
  if (set.REDIS_URL) return { adapter: 'redis', url: set.REDIS_URL } as const
  return set.UPSTASH_REDIS_REST_URL && set.UPSTASH_REDIS_REST_TOKEN
    ? ({ adapter: 'upstash', url: set.UPSTASH_REDIS_REST_URL, token: set.UPSTASH_REDIS_REST_TOKEN } as const)
    : ({ adapter: 'in-process' } as const)
}

/** A bucket when one is named, a folder otherwise. Without a key the machine's own role is asked for one. */
function objectStoreOf(set: z.infer<typeof Environment>, dataDir: string) {
  const { NITRO_S3_BUCKET: bucket, NITRO_S3_ACCESS_KEY_ID: accessKeyId, NITRO_S3_SECRET_ACCESS_KEY: secret } = set
  if ((accessKeyId === undefined) !== (secret === undefined)) {
    throw new ConfigError(
      'NITRO_S3_ACCESS_KEY_ID and NITRO_S3_SECRET_ACCESS_KEY belong together: set both, or neither for the role of the machine',
    )
  }
  if (bucket === undefined) {
    const lonely = Object.entries(set).find(([name, value]) => name.startsWith('NITRO_S3_') && value !== undefined)
    if (lonely) throw new ConfigError(`${lonely[0]} needs NITRO_S3_BUCKET, the name of the bucket`)
    return { adapter: 'filesystem', dataDir: join(dataDir, 'objects') } as const
  }
  return {
    adapter: 's3',
    bucket,
    endpoint: set.NITRO_S3_ENDPOINT,
    region: set.NITRO_S3_REGION ?? 'us-east-1',
    accessKeyId,
    secretAccessKey: secret,
    downloadsDir: join(dataDir, 'downloads'),
  } as const
}

const isNeon = (url: string) => /\.neon\.tech$/.test(URL.parse(url)?.hostname ?? '')

const directory = (path: string) =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : isAbsolute(path) ? path : resolve(path)
