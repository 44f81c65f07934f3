import type { ErrorCode, NitroError } from '@nitroagi/shared/errors'
import type { OpenaiError } from '@nitroagi/shared/openai'

/** A failure in the shape that OpenAI's clients turn into their own error classes. */
export function openaiFailureBody(failure: NitroError): OpenaiError {
  const { code, message } = failure
  return { error: { message, type: typeOf(failure), param: paramOf(failure), code: codes[code] ?? code } }
}

/** OpenAI's names, where their clients or the programs behind them decide by them. */
const codes: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'invalid_api_key',
  forbidden: 'insufficient_permissions',
  rate_limited: 'rate_limit_exceeded',
  model_rate_limited: 'rate_limit_exceeded',
  spending_cap_reached: 'insufficient_quota',
}

const typeOf = ({ code, status }: NitroError): string => {
  if (code === 'spending_cap_reached') return 'insufficient_quota'
  return status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error'
}

function paramOf({ code, details }: NitroError): string | null {
  if (code === 'model_not_found') return 'model'
  const first: unknown = Array.isArray(details) ? details[0] : details
  const path = typeof first === 'object' && first !== null && 'path' in first ? first.path : undefined
  return typeof path === 'string' && path !== '' ? path : null
}
