import { NitroError } from '@nitroagi/shared/errors'
import type { WorkingMemory } from './port.ts'

export const timeoutMs = 200

interface Limits {
  timeoutMs?: number
  /** So many failures in a row, and it is left alone for a while. */
  failuresAtMost?: number
  restMs?: number
  now?: () => number
}

/**
 * A memory elsewhere, from which nobody waits longer than the timeout for a reply. After some failures in a row it is
 * not asked at all for a while; then one request goes first to see whether it is back.
 */
export function guardWorkingMemory(memory: WorkingMemory, limits: Limits = {}): WorkingMemory {
  const breaker = createBreaker(limits)
  const limit = limits.timeoutMs ?? timeoutMs
  const guard =
    <Parameters extends unknown[], Result>(ask: (...parameters: Parameters) => Promise<Result>) =>
    (...parameters: Parameters): Promise<Result> =>
      breaker.through(() => within(limit, ask(...parameters)))

  return {
    recall: guard(memory.recall),
    remember: guard(memory.remember),
    summarise: guard(memory.summarise),
    forget: guard(memory.forget),
    take: guard(memory.take),
    hold: guard(memory.hold),
    release: guard(memory.release),
    count: guard(memory.count),
    cached: guard(memory.cached),
    cache: guard(memory.cache),
    publish: guard(memory.publish),
    async subscribe(workspaceId, channel, hear) {
      const listening = memory.subscribe(workspaceId, channel, hear)
      try {
        // A line that listens has to be opened first, so this may take longer than a reply.
        return await within(10 * limit, listening)
      } catch (error) {
        void listening.then((end) => end()).catch(() => {})
        throw away(error)
      }
    },
    check: guard(memory.check),
    close: memory.close,
  }
}

function createBreaker({ failuresAtMost = 3, restMs = 5_000, now = Date.now }: Limits) {
  let failures = 0
  let restsUntil = 0
  let isProbing = false

  return {
    async through<Result>(ask: () => Promise<Result>): Promise<Result> {
      const isOpen = failures >= failuresAtMost
      if (isOpen && (isProbing || now() < restsUntil)) throw away('It failed a moment ago')
      isProbing = isOpen
      try {
        const result = await ask()
        failures = 0
        return result
      } catch (error) {
        failures++
        restsUntil = now() + restMs
        throw away(error)
      } finally {
        if (isOpen) isProbing = false
      }
    },
  }
}

async function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No reply within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const away = (cause: unknown) => new NitroError('unavailable', 'The working memory does not answer', { cause })
