import { NitroError } from '@nitroagi/shared/errors'
import { getConfig } from '../../../../config.ts'
import { signForPerson, type SessionIdentity } from '../../../../web-token.ts'
import { failureResponse } from '../../failure.ts'
import { backendHeaders, backendPath, browserHeaders, checkSameOrigin, readBody, targetUrl } from './rules.ts'

/** Until the backend's first byte; a stream that has begun may last as long as the host lets it. */
const answerSeconds = 60

/** Asks the backend what a browser asked, for whoever is signed in there, and hands the answer back. */
export async function forward(
  request: Request,
  readSession: () => Promise<SessionIdentity | null | undefined>,
): Promise<Response> {
  try {
    const { backendUrl, siteUrl } = getConfig()
    // The session is checked here, not in proxy.ts alone: a request gate can be walked around.
    const identity = await readSession()
    if (!identity) throw new NitroError('unauthenticated', 'Sign in first')
    checkSameOrigin(request, siteUrl)
    const url = new URL(request.url)
    const path = backendPath(request.method, url.pathname)
    const body = await readBody(request)
    const token = await signForPerson(identity, { method: request.method, path, body })
    const response = await ask(targetUrl(backendUrl, path, url.search), request, body, token)
    if (response.status >= 300 && response.status < 400) {
      throw new NitroError('unavailable', 'The backend answered with a redirect')
    }
    return new Response(response.body, { status: response.status, headers: browserHeaders(response.headers) })
  } catch (error) {
    // Nobody reads this answer, and a reader who left is no failure.
    if (request.signal.aborted) return new Response(null, { status: 499 })
    return failureResponse(error)
  }
}

async function ask(target: URL, request: Request, body: BodyInit | undefined, token: string): Promise<Response> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), answerSeconds * 1000)
  try {
    return await fetch(target, {
      method: request.method,
      headers: backendHeaders(request.headers, token),
      body: body ?? null,
      signal: AbortSignal.any([request.signal, deadline.signal]),
      redirect: 'manual',
      cache: 'no-store',
    })
  } catch (cause) {
    throw new NitroError('unavailable', 'The backend cannot be reached', { cause, retryAfterSeconds: 1 })
  } finally {
    clearTimeout(timer)
  }
}
