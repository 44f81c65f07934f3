import { NitroError } from '@nitroagi/shared/errors'
import { refusalsPerMinute } from '@nitroagi/shared/limits'
import { networkOf } from '../identity/networks.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { Metering } from './metering.ts'

export interface Stranger {
  /** Where the request comes from; nobody is held responsible for one that cannot be told. */
  address: string | undefined
  credential: string
}

export type RefusedCredentials = ReturnType<typeof createRefusedCredentials>

/** Belongs to no workspace, because whoever is counted here was let into none. */
const nowhere = '00000000-0000-0000-0000-000000000000'
const knownAtMost = 10_000

/**
 * Listens no more to an address from which too many credentials were refused in a minute. What can be told without the
 * database goes on being looked at, and so do keys that were good a moment ago, so that a stranger in the same house
 * shuts nobody out.
 */
export function createRefusedCredentials({
  take,
  perMinute = refusalsPerMinute,
  now = Date.now,
}: {
  take: Metering
  perMinute?: number
  now?: () => number
}) {
  const blocked = createRecent<number>()
  const good = createRecent<true>()

  function waitOf(network: string): number | undefined {
    const until = blocked.get(network)
    return until !== undefined && until > now() ? until - now() : undefined
  }

  return {
    /** Does `prove`, and counts when it throws `unauthenticated` before `onSigned` was called. */
    async watch<Result>(
      { address, credential }: Stranger,
      prove: (onSigned: () => void) => Promise<Result>,
    ): Promise<Result> {
      const network = address === undefined ? undefined : networkOf(address)
      if (network === undefined) return prove(() => {})
      const isStored = /^n[kt]_/.test(credential)
      const hash = isStored ? hashSecret(credential) : ''
      const wait = waitOf(network)
      if (wait !== undefined && isStored && !good.get(hash)) throw tooMany(wait)
      let isSigned = false
      try {
        const proved = await prove(() => (isSigned = true))
        if (credential.startsWith('nk_')) good.set(hash, true)
        return proved
      } catch (error) {
        if (!(error instanceof NitroError) || error.code !== 'unauthenticated' || isSigned) throw error
        good.delete(hash)
        if (wait !== undefined) throw tooMany(wait)
        const meter = { name: `address:${network}`, atMost: perMinute, windowSeconds: 60, atOnce: null }
        const { refused, readings } = await take(nowhere, [meter], '')
        if (!refused) throw error
        blocked.set(network, readings[0]!.nextFreeAtMs)
        throw tooMany(readings[0]!.nextFreeAtMs - now())
      }
    },
  }
}

function tooMany(waitMs: number): NitroError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new NitroError(
    'rate_limited',
    `Too many credentials from your address were not valid. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
  )
}

/** The newest ones of what could otherwise grow without an end. */
function createRecent<Value>() {
  const entries = new Map<string, Value>()
  return {
    get: (key: string) => entries.get(key),
    set(key: string, value: Value): void {
      entries.delete(key)
      entries.set(key, value)
      const [oldest] = entries.keys()
      if (entries.size > knownAtMost && oldest !== undefined) entries.delete(oldest)
    },
    delete: (key: string) => void entries.delete(key),
  }
}
