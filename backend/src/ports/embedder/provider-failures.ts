import { APICallError } from '@ai-sdk/provider'
import { NitroError, type ErrorCode } from '@nitroagi/shared/errors'

/** Whose model it is, for the sentence; `keyName` is the setting that an operator would look at. */
export interface ProviderLabel {
  name: string
  provider: string
  keyName: string
}

export interface ProviderFailure {
  error: NitroError
  /** Whether the same call may go well in a moment. */
  isPassing: boolean
}

/** What a provider or the network did, in a sentence that says what to do. The provider's own words repeat keys and texts, so they are left out. */
export function providerFailure(label: ProviderLabel, error: unknown): ProviderFailure {
  if (error instanceof NitroError) return { error, isPassing: false }
  const call = APICallError.isInstance(error) ? error : undefined
  const status = call?.statusCode
  const fail = (isPassing: boolean, code: ErrorCode, message: string): ProviderFailure => {
    const seconds = retryAfterSeconds(call?.responseHeaders?.['retry-after'])
    const cause = new Error([label.name, error instanceof Error ? error.name : typeof error, status].join(' '))
    return {
      error: new NitroError(code, message, {
        cause,
        details: { isPassing },
        ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
      }),
      isPassing,
    }
  }
  const { name, provider, keyName } = label
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return fail(true, 'model_timeout', `${name} took too long to answer. Try again in a moment.`)
  if (status === undefined) return fail(true, 'model_failed', `${name} cannot be reached. Check ${addressOf(label)}.`)
  if (status >= 200 && status < 300)
    return fail(false, 'model_failed', `${name} sent something that is not vectors. Check ${addressOf(label)}.`)
  if (status === 402 || /insufficient_quota/.test(call?.responseBody?.slice(0, 4_000) ?? ''))
    return fail(false, 'model_rate_limited', `The ${provider} account has no credit left. Add credit.`)
  if (status === 401 || status === 403)
    return fail(false, 'model_unauthorized', `${provider} refused the key for ${name} (${status}). Check ${keyName}.`)
  if (status === 404)
    return fail(false, 'model_not_found', `${provider} does not know ${name}. Correct NITRO_EMBEDDING_MODEL.`)
  if (status === 429)
    return fail(true, 'model_rate_limited', `${name} is taking no more texts for now. Try again in a moment.`)
  if (status >= 500 || [408, 409, 425].includes(status))
    return fail(true, 'model_failed', `${provider} has a problem of its own (${status}). Try again in a moment.`)
  if (status >= 300 && status < 400)
    return fail(false, 'model_failed', `${provider} redirects to another address. Set its final address.`)
  return fail(false, 'model_failed', `${provider} did not accept the texts for ${name} (${status}).`)
}

const addressOf = ({ provider }: ProviderLabel) =>
  provider === 'compatible' ? 'OPENAI_COMPATIBLE_BASE_URL' : 'the network connection'

/** Seconds or an HTTP date; at most an hour is believed. */
function retryAfterSeconds(value: string | undefined): number | undefined {
  if (!value?.trim()) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 3600) : undefined
}
