import { APICallError } from '@ai-sdk/provider'
import { NitroError, type ErrorCode } from '@nitroagi/shared/errors'
import { refusesImages } from './port.ts'

/** Whose model it was, for the sentence; `keyName` is the variable that an operator would look at. */
export interface ModelLabel {
  name: string
  provider: string
  keyName: string | undefined
}

/**
 * What a failure means for the next attempt. `passing` may be over in a moment; `limited` when the provider says so;
 * `slow` has used its time up; `refused` and `broken` stay until somebody mends them; `request` lies in what was asked,
 * so another model may do better; `final` is nobody's to try again.
 */
export type FailureKind = 'passing' | 'limited' | 'slow' | 'refused' | 'broken' | 'request' | 'final'

const kinds = new WeakMap<NitroError, FailureKind>()

export const failureKind = (error: NitroError): FailureKind =>
  kinds.get(error) ?? (error.code === 'model_timeout' ? 'slow' : 'passing')

/** What the person loses by a failure after words have arrived: nothing, and they are told so. */
const kept = 'What had arrived is kept; press Continue to go on from there.'

/**
 * Turns whatever a provider or the network did into one `NitroError` with a sentence that says what to do. Neither the
 * sentence nor the cause holds the provider's own words: they repeat keys and prompts.
 */
export function modelFailure(label: ModelLabel, error: unknown, { textBegun }: { textBegun: boolean }): NitroError {
  const found = error instanceof NitroError ? error : diagnose(label, error)
  if (!textBegun || found.code === 'model_interrupted') return found
  return new NitroError('model_interrupted', `The answer broke off. ${found.message} ${kept}`, {
    cause: found.cause,
    retryAfterSeconds: found.retryAfterSeconds,
    details: { reason: found.code },
  })
}

function diagnose(label: ModelLabel, error: unknown): NitroError {
  const status = statusOf(error)
  const network = networkCode(error)
  const found = inOurWords(label, error, status, network)
  kinds.set(found, kindOf(found, status, network, error))
  return found
}

function kindOf(
  found: NitroError,
  status: number | undefined,
  network: string | undefined,
  error: unknown,
): FailureKind {
  const code = vendorCode(error) ?? ''
  // Some servers say with a 500 that a model has no eyes; another model may.
  if (refusesImages(found)) return 'request'
  if (found.code === 'model_unauthorized' || status === 402 || code === 'insufficient_quota') return 'refused'
  if (found.code === 'model_rate_limited') return 'limited'
  if (status !== undefined && (status < 200 || status >= 300)) {
    if (status >= 500 || [408, 409, 425].includes(status)) return 'passing'
    return status < 400 ? 'broken' : 'request'
  }
  if (network !== undefined) return /CERT|TLS|SSL|SELF_SIGNED/.test(network) ? 'broken' : 'passing'
  if (/context_length/.test(code)) return 'request'
  return code === '' && found.code === 'model_failed' ? 'broken' : 'passing'
}

function inOurWords(
  label: ModelLabel,
  error: unknown,
  status: number | undefined,
  network: string | undefined,
): NitroError {
  const fail = (code: ErrorCode, message: string, retryAfterSeconds?: number) =>
    new NitroError(code, message, {
      cause: safeCause(label, error, status, network),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  if (isAboutImages(error, status)) return blind(label, safeCause(label, error, status, network))
  if (status !== undefined && (status < 200 || status >= 300)) return byStatus(label, status, error, fail)
  if (network !== undefined) return byNetwork(label, network, fail)
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return fail('model_timeout', `${label.name} took too long to answer. Try again, or choose another model.`)
  }
  if (vendorCode(error) !== undefined) return byVendorCode(label, error, fail)
  return fail(
    'model_failed',
    `${label.name} sent something that is not a model's answer. ` +
      (label.provider === 'compatible'
        ? 'Check that OPENAI_COMPATIBLE_BASE_URL is the address of an OpenAI-compatible API (it mostly ends in /v1).'
        : 'Try again; if it stays, choose another model.'),
  )
}

const blind = ({ name }: ModelLabel, cause: Error): NitroError =>
  new NitroError('model_failed', `${name} cannot look at images. Choose a model that can.`, {
    cause,
    details: { refused: 'images' },
  })

/** The provider's words decide, because there is no code for it; how large or broken an image is means another thing. */
function isAboutImages(error: unknown, status: number | undefined): boolean {
  for (const link of chain(error)) {
    if (link instanceof Error && link.name === 'AI_UnsupportedFunctionalityError')
      return /image|file part|media type/i.test(link.message)
  }
  if (status === undefined || ![400, 404, 415, 422, 500, 501].includes(status)) return false
  const said = chain(error).find(APICallError.isInstance)?.responseBody?.slice(0, 4_000) ?? ''
  return imagesRefused.test(said) && !/too (?:large|big|many)|exceed|dimension|resolution|decode|corrupt/i.test(said)
}

const imagesRefused =
  /(?:image|vision|multi-?modal)[^.]{0,80}(?:not (?:supported|enabled|available|allowed)|unsupported|only supported|missing)|(?:not|n't|no|un|only)[^.]{0,60}(?:support|accept|handle|process|enable)[^.]{0,60}(?:image|vision|multi-?modal)|not a (?:multi-?modal|vision)|required for image/i

type Fail = (code: ErrorCode, message: string, retryAfterSeconds?: number) => NitroError

function byStatus(label: ModelLabel, status: number, error: unknown, fail: Fail): NitroError {
  const { name, provider } = label
  const code = vendorCode(error)
  if (code === 'insufficient_quota' || status === 402) {
    return fail('model_rate_limited', `The ${provider} account has no credit left. Add credit or choose another model.`)
  }
  if (status === 401 || status === 403) {
    const key = label.keyName === undefined ? 'the key' : label.keyName
    return fail('model_unauthorized', `${provider} refused the key for ${name} (${status}). Check ${key}.`)
  }
  if (status === 404) {
    return fail('model_not_found', `${provider} does not know ${name}. Choose another model, or correct its name.`)
  }
  if (status === 408 || status === 504) {
    return fail('model_timeout', `${name} took too long to answer. Try again, or choose another model.`)
  }
  if (status === 429) {
    const seconds = retryAfterSeconds(error)
    const wait = seconds === undefined ? 'Try again in a moment' : `Try again in ${inWords(seconds)}`
    return fail('model_rate_limited', `${name} is taking no more requests for now. ${wait}.`, seconds)
  }
  if (status === 413 || code === 'context_length_exceeded') {
    return fail('model_failed', `The conversation is too long for ${name}. Start a new one, or choose another model.`)
  }
  if (status >= 300 && status < 400) {
    return fail('model_failed', `${provider} redirects to another address. Set its final address as the base URL.`)
  }
  if (status >= 500) {
    return fail(
      'model_failed',
      `${provider} has a problem of its own (${status}). Try again, or choose another model.`,
      retryAfterSeconds(error),
    )
  }
  return fail('model_failed', `${provider} did not accept the request for ${name} (${status}). Choose another model.`)
}

function byNetwork({ name, provider, keyName }: ModelLabel, network: string, fail: Fail): NitroError {
  const address = provider === 'compatible' ? 'OPENAI_COMPATIBLE_BASE_URL' : 'the network connection'
  switch (network) {
    case 'ECONNREFUSED':
      return fail('model_failed', `Nothing answers at the address of ${name}. Is it running? Check ${address}.`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('model_failed', `The address of ${name} cannot be found. Check ${address}.`)
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return fail('model_timeout', `${name} took too long to answer. Try again, or choose another model.`)
    case 'ERR_INVALID_CHAR':
      return fail('model_unauthorized', `${keyName ?? 'The key'} holds characters that no key has. Copy it again.`)
    default:
      return /CERT|TLS|SSL|SELF_SIGNED/.test(network)
        ? fail('model_failed', `The certificate of ${name} cannot be trusted. Check ${address}.`)
        : fail('model_failed', `The connection to ${name} broke. Try again, or choose another model.`)
  }
}

/** Providers report failures within a stream that began with 200: only a code or type tells them apart. */
function byVendorCode({ name, provider }: ModelLabel, error: unknown, fail: Fail): NitroError {
  const code = vendorCode(error) ?? ''
  if (/rate_limit|too_many|429/.test(code)) {
    return fail('model_rate_limited', `${name} is taking no more requests for now. Try again in a moment.`)
  }
  if (/auth|permission|api_key|401|403/.test(code)) {
    return fail('model_unauthorized', `${provider} refused the key for ${name}. Check it.`)
  }
  if (/context_length/.test(code)) {
    return fail('model_failed', `The conversation is too long for ${name}. Start a new one, or choose another model.`)
  }
  return fail('model_failed', `${provider} reported a problem of its own. Try again, or choose another model.`)
}

/** An answer that ended properly but without a word. */
export function emptyAnswer({ name }: ModelLabel, reason: string): NitroError {
  const fail = (kind: FailureKind, message: string) => {
    const failure = new NitroError('model_failed', message)
    kinds.set(failure, kind)
    return failure
  }
  if (reason === 'content-filter') {
    // Going round a provider's judgement with another provider is not ours to do.
    return fail('final', `${name} declined to answer this. Rephrase it, or choose another model.`)
  }
  if (reason === 'length') {
    return fail('request', `${name} used up its length before it wrote anything. Ask for less at once.`)
  }
  return fail('request', `${name} answered with nothing at all. Try again, or choose another model.`)
}

/** Seconds or an HTTP date; at most an hour is believed. */
export function retryAfterSeconds(error: unknown, now = Date.now()): number | undefined {
  const headers = chain(error).find(APICallError.isInstance)?.responseHeaders
  const value = headers?.['retry-after']?.trim()
  if (!value) return undefined
  const isDate = /^[a-z]{3}\w*,? /i.test(value)
  const seconds = isDate ? (Date.parse(value) - now) / 1000 : /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 3600) : undefined
}

const inWords = (seconds: number) => (seconds === 1 ? 'one second' : `${seconds} seconds`)

/** The error and what caused it, outermost first; a vendor may nest the network's error several deep. */
function chain(error: unknown): unknown[] {
  const found: unknown[] = []
  for (let next = error; next !== undefined && next !== null && found.length < 8 && !found.includes(next);) {
    found.push(next)
    next = next instanceof Error ? (next instanceof AggregateError ? (next.errors[0] ?? next.cause) : next.cause) : null
  }
  return found
}

const statusOf = (error: unknown): number | undefined =>
  chain(error).find((link) => APICallError.isInstance(link) && link.statusCode !== undefined)?.['statusCode' as never]

function networkCode(error: unknown): string | undefined {
  for (const link of chain(error)) {
    if (!(link instanceof Error)) continue
    const code = 'code' in link && typeof link.code === 'string' ? link.code : undefined
    if (code && /^(E[A-Z]+|UND_ERR_\w+|ERR_\w+|\w*(CERT|TLS|SSL)\w*)$/.test(code)) return code
    if (link instanceof TypeError && /^(terminated|fetch failed)$/.test(link.message) && !link.cause)
      return 'ECONNRESET'
  }
  return undefined
}

/** The `code` or `type` by which vendors name what happened; never their sentence. */
function vendorCode(error: unknown): string | undefined {
  for (const link of chain(error)) {
    const data = APICallError.isInstance(link) ? link.data : link
    const body = field(data, 'error') ?? data
    for (const name of ['code', 'type', 'status']) {
      const value = field(body, name)
      if (typeof value === 'string' || typeof value === 'number') return String(value).toLowerCase()
    }
  }
  return undefined
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? value[name as never] : undefined

/** For the log: what kind of failure it was and where it came from, in none of the provider's words. */
function safeCause(
  { name }: ModelLabel,
  error: unknown,
  status: number | undefined,
  network: string | undefined,
): Error {
  const kind = error instanceof Error ? error.name : typeof error
  const code = vendorCode(error)
  const marks = [kind, status, network, code !== undefined && /^[\w.-]{1,60}$/.test(code) ? code : undefined]
  return new Error(`${name}: ${marks.filter((mark) => mark !== undefined).join(' ')}`)
}

export const lateFailure = ({ name }: ModelLabel, what: string, seconds: number): NitroError =>
  new NitroError('model_timeout', `${name} ${what} within ${seconds} s. Try again, or choose another model.`)
