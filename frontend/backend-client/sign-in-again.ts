import { NitroError } from '@nitroagi/shared/errors'

/** To sign in, and from there back to this page: what was typed on it is still there. */
export function signInAgainIfOut(error: unknown): void {
  if (!(error instanceof NitroError) || error.code !== 'unauthenticated' || typeof location === 'undefined') return
  location.assign(`/sign-in?reason=expired&next=${encodeURIComponent(location.pathname)}`)
}
