import { NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import type { Context } from 'hono'
import type { Env } from './routes.ts'

/** With the four seconds that credentials are remembered for, an end counts within five. */
const lookEveryMs = 1_000

/** For answers that last: calls `end` once their reader has lost the right to them. The result stops the looking. */
export function endWhenRefused(c: Context<Env>, end: () => void, needed: Scope = 'read'): () => void {
  const renew = c.get('renew')
  if (!renew) return () => {}
  const timer = setInterval(() => {
    renew()
      .then(({ scopes, needsSecondFactor }) => (scopes.includes(needed) && !needsSecondFactor) || end())
      .catch((error: unknown) => {
        // Nobody is thrown out because the database is away.
        if (error instanceof NitroError && error.status < 500) end()
      })
  }, lookEveryMs)
  return () => clearInterval(timer)
}
