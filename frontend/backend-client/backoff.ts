import { NitroError } from '@nitroagi/shared/errors'

const firstMs = 250
const longestMs = 8_000

/** Doubles from a quarter of a second to eight, each time anywhere in the upper half, so that a crowd spreads out. */
export function backoffMs(attempt: number, random = Math.random): number {
  const whole = Math.min(longestMs, firstMs * 2 ** attempt)
  return whole / 2 + (whole / 2) * random()
}

/** Resolves early when the signal aborts; whoever waits looks at the signal next. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
}

/** Worth another try: the way was broken or the server asked for patience. What was refused stays refused. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof NitroError)) return error instanceof TypeError
  return error.code === 'unavailable' || error.code === 'rate_limited' || error.code === 'internal'
}
