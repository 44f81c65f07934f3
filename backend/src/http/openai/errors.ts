import { isErrorCode, NitroError, type ErrorCode } from '@nitroagi/shared/errors'
import type { OpenaiError } from '@nitroagi/shared/openai'
import { HTTPException } from 'hono/http-exception'
import type { Log } from '../../log.ts'

export interface OpenaiFailure {
  status: number
  headers: Record<string, string>
  body: OpenaiError
}

/** Anything thrown, in the shape that OpenAI's clients turn into their own error classes. Logs what is not ours. */
export function openaiFailure(error: unknown, log: Log): OpenaiFailure {
  const known = asNitroError(error)
  if (known.code === 'internal') log.error('openai-request-failed', { error })
  const retryAfter = known.retryAfterSeconds
  return {
    status: known.status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: {
      error: {
        message: known.message,
        type: typeOf(known),
        param: paramOf(known),
        code: codes[known.code] ?? known.code,
      },
    },
  }
}

/** OpenAI's names, where their clients or the programs behind them decide by them. */
const codes: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'invalid_api_key',
  forbidden: 'insufficient_permissions',
  rate_limited: 'rate_limit_exceeded',
  model_rate_limited: 'rate_limit_exceeded',
}

const typeOf = ({ status }: NitroError): string =>
  status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error'

function paramOf({ code, details }: NitroError): string | null {
  if (code === 'model_not_found') return 'model'
  const first: unknown = Array.isArray(details) ? details[0] : details
  const path = typeof first === 'object' && first !== null && 'path' in first ? first.path : undefined
  return typeof path === 'string' && path !== '' ? path : null
}

function asNitroError(error: unknown): NitroError {
  if (error instanceof NitroError) return error
  // Hono's own refusals, such as a body that is not JSON.
  if (error instanceof HTTPException && error.status < 500) {
    return new NitroError(codeOf(error.status), error.message || 'This request cannot be understood', { cause: error })
  }
  return new NitroError('internal', 'Something went wrong here. Try again.', { cause: error })
}

const codeOf = (status: number): ErrorCode => {
  const code = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 413: 'payload_too_large' }[status]
  return code !== undefined && isErrorCode(code) ? code : 'bad_request'
}
