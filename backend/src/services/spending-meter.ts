import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { NitroError } from '@nitroagi/shared/errors'
import type { Cap } from '@nitroagi/shared/spending'
import { createFreshCache } from '../identity/fresh-cache.ts'
import type { Log } from '../log.ts'
import type { Amount, Refusal, SpendingRepository, Spender, StoredCap } from '../ports/database/spending-port.ts'
import type { BilledCall, Meter, Metered, Taken } from '../ports/language-model/meter-port.ts'

export type SpendingMeter = ReturnType<typeof createSpendingMeter>

interface Options {
  repository: SpendingRepository
  log: Log
  /** No call takes longer; what is not settled by then never will be. */
  leaseSeconds: number
  now?: () => Date
}

/** A cap that somebody has set holds everywhere within five seconds. */
const freshSeconds = 4
/** Calls that no cap holds are counted together: all of a workspace's would write to one row, while others wait for the database. */
const gatherMs = 250
/** A database that is away for a moment must not make a call cost nothing. */
const settleTries = 6

interface KnownCaps {
  workspaceId: string
  caps: readonly StoredCap[]
}

/**
 * Sets money and tokens aside before a call and counts what it has taken after it. The books are the database's; this
 * process remembers for a few seconds whether there is a cap at all, so that without one no call waits for the database.
 */
export function createSpendingMeter({ repository, log, leaseSeconds, now = () => new Date() }: Options) {
  const known = createFreshCache<KnownCaps>(
    async (workspaceId) => ({ workspaceId, caps: await repository.caps({ workspaceId }) }),
    { seconds: freshSeconds, capacity: 10_000 },
  )
  const settling = new Set<Promise<void>>()

  async function persist(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        log.warn('spending-not-counted', { attempt, error })
        if (attempt === settleTries) return
        await sleep(Math.min(2_000, 50 * 4 ** attempt), undefined, { ref: false })
      }
    }
  }

  /** Nobody waits for it but those who look at the books. */
  function inOrder(work: () => Promise<void>): void {
    const done: Promise<void> = persist(work).finally(() => settling.delete(done))
    settling.add(done)
  }

  const gathered = new Map<string, { spender: Spender; month: string; used: Amount }>()
  let gathering: NodeJS.Timeout | undefined

  function gather(spender: Spender, month: string, { tokens, usd }: Amount): void {
    if (tokens <= 0 && usd <= 0) return
    const key = [month, spender.workspaceId, spender.userId, spender.keyId].join(' ')
    const before = gathered.get(key)?.used ?? { tokens: 0, usd: 0 }
    gathered.set(key, { spender, month, used: { tokens: before.tokens + tokens, usd: before.usd + usd } })
    gathering ??= setTimeout(countGathered, gatherMs).unref()
  }

  function countGathered(): void {
    clearTimeout(gathering)
    gathering = undefined
    for (const { spender, month, used } of gathered.values()) inOrder(() => repository.count(spender, month, used))
    gathered.clear()
  }

  const once = (settle: (used: Amount) => void): Metered['settle'] => {
    let isSettled = false
    return ({ tokens, usd }) => {
      if (isSettled) return
      isSettled = true
      settle({ tokens, usd: usd ?? 0 })
    }
  }

  const meter: Meter = {
    async begin(payer, call) {
      if (!payer) throw new Error(`Nobody was named who pays for ${call.model}`)
      const { workspaceId, userId, keyId } = payer.actor
      const spender: Spender = { workspaceId, userId, ...(keyId === undefined ? {} : { keyId }) }
      const month = monthOf(now())
      const most = limitedBy(capsOf((await known.get(workspaceId))!.caps, spender), call)
      if (!most) {
        return { isLimited: false, settle: once((used) => gather(spender, month, used)) }
      }
      const reservation = { id: randomUUID(), month, most, least: amountOf(call.least()), leaseSeconds }
      const refusal = await repository.reserve(spender, reservation)
      if (refusal) throw capReached(refusal, now())
      return {
        isLimited: true,
        settle: once((used) => inOrder(() => repository.settle(spender, reservation, used))),
      }
    },
  }

  return {
    ...meter,
    caps: async (workspaceId: string) => repository.caps({ workspaceId }),
    forget: (workspaceId: string) => known.forget((caps) => caps.workspaceId === workspaceId),
    /** When everything that this process knows of is in the books. */
    async settled(): Promise<void> {
      countGathered()
      while (settling.size > 0) await Promise.all(settling)
    },
    month: () => monthOf(now()),
  }
}

/** The caps that hold for a call: the workspace's, the member's own or everybody's, and the key's. */
export function capsOf(caps: readonly StoredCap[], { workspaceId, userId, keyId }: Spender): Cap[] {
  const find = (kind: StoredCap['kind'], id: string) =>
    caps.find((cap) => cap.kind === kind && cap.subjectId === id) ?? []
  return [
    find('workspace', workspaceId),
    [find('user', userId), find('member', workspaceId)].flat().slice(0, 1),
    keyId === undefined ? [] : find('key', keyId),
  ].flat()
}

/** The most that it can take of what is capped; undefined when nothing that it takes is. */
function limitedBy(caps: readonly Cap[], call: BilledCall): Amount | undefined {
  const hasUsd = caps.some(({ usd }) => usd !== null)
  const hasTokens = caps.some(({ tokens }) => tokens !== null)
  if (!hasUsd && !hasTokens) return undefined
  const most = call.most()
  if (hasUsd && most.usd === null) throw noPrice(call.model)
  const isFree = most.usd === 0 && !hasTokens
  return isFree ? undefined : amountOf(most)
}

const amountOf = ({ tokens, usd }: Taken): Amount => ({ tokens, usd: usd ?? 0 })

/** The first day of the month, UTC. */
const monthOf = (moment: Date): string => `${moment.toISOString().slice(0, 7)}-01`

const whoseCap = {
  workspace: 'your workspace’s monthly cap',
  user: 'your own monthly cap',
  key: 'this API key’s monthly cap',
}

function capReached({ whose, unit }: Refusal, moment: Date): NitroError {
  const begins = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 1))
  const day = begins.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const what = unit === 'usd' ? 'in dollars' : 'in tokens'
  return new NitroError(
    'spending_cap_reached',
    `This would go beyond ${whoseCap[whose]} ${what}. It begins anew on ${day} (UTC); an owner or admin can raise it.`,
    { details: { whose, unit, beginsAnewAt: begins.toISOString() } },
  )
}

/** What it costs could not be counted, so the cap could not be kept. */
const noPrice = (model: string): NitroError =>
  new NitroError(
    'spending_cap_reached',
    `There is a monthly cap in dollars, and nobody has said what ${model} costs, so it is not asked. ` +
      'Choose another model, or have its price set in NITRO_MODEL_PRICES.',
    { details: { reason: 'no_price', model } },
  )
