import { NitroError } from '@nitroagi/shared/errors'
import { logError } from '../../log.ts'

/** What went wrong, in the envelope that every door of ours uses. */
export function failureResponse(error: unknown): Response {
  const failure =
    error instanceof NitroError
      ? error
      : new NitroError('internal', 'Something went wrong on our side', { cause: error })
  if (failure.status >= 500) logError('request-failed', failure)
  const headers = new Headers({ 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' })
  if (failure.retryAfterSeconds !== undefined) headers.set('retry-after', String(failure.retryAfterSeconds))
  return Response.json(
    { error: { code: failure.code, message: failure.message, requestId: crypto.randomUUID() } },
    { status: failure.status, headers },
  )
}
