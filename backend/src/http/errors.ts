import { NitroError, type ErrorEnvelope } from '@nitroagi/shared/errors'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Env } from './routes.ts'

/** Any failure as one that may be shown. What is not ours says nothing of itself: its words may hold anything. */
export function toFailure(error: unknown): NitroError {
  if (error instanceof NitroError) return error
  if (error instanceof HTTPException) return ofFramework(error)
  return new NitroError('internal', 'Something went wrong on our side', { cause: error })
}

export const toEnvelope = (failure: NitroError, requestId?: string): ErrorEnvelope => ({
  error: {
    code: failure.code,
    message: failure.message,
    ...(failure.details === undefined ? {} : { details: failure.details }),
    ...(requestId === undefined ? {} : { requestId }),
  },
})

/** `body` is for doors whose clients expect another form than ours. */
export function answerFailure(c: Context<Env>, failure: NitroError, body: unknown = undefined): Response {
  if (failure.retryAfterSeconds !== undefined) c.header('retry-after', String(Math.ceil(failure.retryAfterSeconds)))
  if (failure.code === 'unauthenticated') c.header('www-authenticate', 'Bearer')
  return c.json(body ?? toEnvelope(failure, c.get('requestId')), failure.status as ContentfulStatusCode)
}

/** Hono's own refusals come from its validators: JSON that is none, and media types that a route does not take. */
function ofFramework(error: HTTPException): NitroError {
  if (error.status === 400) return new NitroError('invalid_input', 'The request is not valid JSON', { cause: error })
  if (error.status === 413) return new NitroError('payload_too_large', 'This request is too large', { cause: error })
  if (error.status === 415) {
    return new NitroError('unsupported_media_type', 'Send application/json', { cause: error })
  }
  return new NitroError('internal', 'Something went wrong on our side', { cause: error })
}
