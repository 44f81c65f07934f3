import { randomUUID } from 'node:crypto'
import { NitroError } from '@nitroagi/shared/errors'
import type { Tier } from '@nitroagi/shared/identity'
import { requestLimits } from '@nitroagi/shared/limits'
import type { Actor } from '../call.ts'
import { leaseSeconds, type Meter } from '../ports/working-memory/port.ts'
import type { Metered, Metering, Meters } from './metering.ts'

export interface RequestLimit {
  perHour: number
  atOnce: number
}

export type RequestLimits = Readonly<Record<Tier | 'person' | 'workspace', RequestLimit>>

/** What a request goes on by, or why it does not. */
export interface Admission {
  /** How many requests an hour holds, how many of them are left, and when the first of those that were sent come back. */
  limit: number
  remaining: number
  resetAtMs: number
  refusal: NitroError | undefined
  /** The request has ended. Every further call does nothing. */
  release(): void
}

export interface RateLimits {
  /** For the life of a request; undefined for whom nothing is counted. */
  admit(actor: Actor): Promise<Admission | undefined>
  /** Counts something that is over at once; rejects with `rate_limited`. */
  count(actor: Actor): Promise<void>
  close(): void
}

const hourSeconds = 60 * 60
const renewalMs = (leaseSeconds / 3) * 1000

/** How much people and keys may ask for, in an hour and at once. */
export function createRateLimits({
  take,
  limits = requestLimits,
  now = Date.now,
}: {
  take: Metering
  limits?: RequestLimits
  now?: () => number
}): RateLimits {
  const underWay = new Set<Lease>()

  /** Most requests are over before they have met it twice, and cost no command more. */
  function renew(): void {
    for (const lease of underWay) {
      if (lease.isLong) lease.memory.hold(lease.workspaceId, lease.names, lease.id).catch(() => {})
      lease.isLong = true
    }
  }
  // One timer for all.
  const renewal = setInterval(renew, renewalMs)
  renewal.unref()

  function release(lease: Lease): void {
    if (!underWay.delete(lease)) return
    // When this does not arrive, the lease gives itself up a little later.
    lease.memory.release(lease.workspaceId, lease.names, lease.id).catch(() => {})
  }

  return {
    async admit(actor) {
      const subject = subjectOf(actor, limits)
      if (!subject) return undefined
      const id = randomUUID()
      const taken = await take(actor.workspaceId, metersOf(subject, limits), id)
      const { refused, meters, memory } = taken
      const { meter, spent, nextFreeAtMs } = toldOf(taken)
      const told = { limit: meter.atMost, remaining: Math.max(0, meter.atMost - spent), resetAtMs: nextFreeAtMs }
      if (refused) return { ...told, refusal: refusalOf(refused, taken, subject, now()), release() {} }
      const names = meters.map(({ name }) => name)
      const lease: Lease = { id, workspaceId: actor.workspaceId, names, memory, isLong: false }
      underWay.add(lease)
      return { ...told, refusal: undefined, release: () => release(lease) }
    },

    async count(actor) {
      const subject = subjectOf(actor, limits)
      if (!subject) return
      const meters = metersOf(subject, limits).map((meter) => ({ ...meter, atOnce: null }))
      const taken = await take(actor.workspaceId, meters, '')
      if (taken.refused) throw refusalOf(taken.refused, taken, subject, now())
    },

    close: () => clearInterval(renewal),
  }
}

interface Lease {
  id: string
  workspaceId: string
  names: readonly string[]
  memory: Meters
  /** The timer has met it before. */
  isLong: boolean
}

interface Subject {
  name: string
  who: string
  limit: RequestLimit
}

/** The operator runs the machine, and the web app speaks for people who are not known yet; both prove it by a key. */
function subjectOf({ via, userId, keyId, keyTier = 'free' }: Actor, limits: RequestLimits): Subject | undefined {
  if (via === 'operator' || via === 'service' || via === 'job') return undefined
  if (keyId === undefined) return { name: `person:${userId}`, who: 'you', limit: limits.person }
  return { name: `key:${keyId}`, who: 'this API key', limit: limits[keyTier] }
}

const metersOf = ({ name, limit }: Subject, { workspace }: RequestLimits): Meter[] => [
  meterOf(name, limit),
  meterOf('workspace', workspace),
]

const meterOf = (name: string, { perHour, atOnce }: RequestLimit): Meter => ({
  name,
  atMost: perHour,
  windowSeconds: hourSeconds,
  atOnce,
})

/** A request is told of its own limit, and of the workspace's when that is the one that stops it. */
function toldOf({ refused, meters, readings }: Metered) {
  const index = refused?.meter ?? 0
  return { meter: meters[index]!, ...readings[index]! }
}

type Refused = NonNullable<Metered['refused']>

function refusalOf(refused: Refused, taken: Metered, subject: Subject, nowMs: number): NitroError {
  const { meter, nextFreeAtMs } = toldOf(taken)
  const who = refused.meter === 0 ? subject.who : 'your workspace'
  if (refused.by === 'at-once') {
    return new NitroError(
      'rate_limited',
      `There are ${meter.atOnce} requests under way already, which is all that ${who} may have at once. Wait until one of them has ended.`,
      { retryAfterSeconds: 1 },
    )
  }
  const retryAfterSeconds = Math.max(1, Math.ceil((nextFreeAtMs - nowMs) / 1000))
  return new NitroError(
    'rate_limited',
    `The ${meter.atMost.toLocaleString('en')} requests that ${who} may send in an hour are used up. Try again in ${inWords(retryAfterSeconds)}.`,
    { retryAfterSeconds },
  )
}

const inWords = (seconds: number): string =>
  seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
