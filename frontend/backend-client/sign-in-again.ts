import { NitroError } from '@nitroagi/shared/errors'

/** To sign in, and from there back to this page: what was typed on it is still there. */
export function signInAgainIfOut(error: unknown): void {
  if (!(error instanceof NitroError) || typeof location === 'undefined') return
  // The page that is there instead says what to do.
  if (error.code === 'second_factor_missing') return location.reload()
  if (error.code !== 'unauthenticated') return
  location.assign(`/sign-in?reason=expired&next=${encodeURIComponent(location.pathname)}`)
}
