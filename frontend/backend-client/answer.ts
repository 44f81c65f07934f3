import { ErrorEnvelope, isErrorCode, NitroError, type ErrorCode } from '@nitroagi/shared/errors'
import type { z } from 'zod'

/** Parses what the backend said; its failures come out as the NitroError that went in on the other side. */
export async function readAnswer<Answer>(response: Response, schema: z.ZodType<Answer>): Promise<Answer> {
  if (!response.ok) throw await readFailure(response)
  const parsed = schema.safeParse(response.status === 204 ? undefined : await response.json().catch(() => undefined))
  if (!parsed.success) {
    throw new NitroError('internal', 'The server answered in a form that this page does not understand', {
      cause: parsed.error,
    })
  }
  return parsed.data
}

export async function readFailure(response: Response): Promise<NitroError> {
  const envelope = ErrorEnvelope.safeParse(await response.json().catch(() => undefined))
  const retryAfter = Number(response.headers.get('retry-after'))
  const retry = retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}
  if (envelope.success) {
    const { code, message, details } = envelope.data.error
    return new NitroError(isErrorCode(code) ? code : codeOf(response.status), message, { details, ...retry })
  }
  return new NitroError(codeOf(response.status), `The server answered ${response.status}`, retry)
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 413) return 'payload_too_large'
  if (status === 429) return 'rate_limited'
  return status === 502 || status === 503 || status === 504 ? 'unavailable' : 'internal'
}
