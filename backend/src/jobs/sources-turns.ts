import { setTimeout as sleep } from 'node:timers/promises'

export type HostTurns = ReturnType<typeof createHostTurns>

/** So that no host is asked more often than it likes, however many sources of it are fetched at once here. */
export function createHostTurns(usualPauseMs = 500) {
  const freeAt = new Map<string, number>()

  return {
    async take(url: string, signal: AbortSignal, pauseMs = usualPauseMs): Promise<void> {
      const { host } = new URL(url)
      const now = Date.now()
      for (const [other, at] of freeAt) if (at < now) freeAt.delete(other)
      const at = Math.max(now, freeAt.get(host) ?? 0)
      freeAt.set(host, at + Math.max(pauseMs, usualPauseMs))
      if (at > now) await sleep(at - now, undefined, { signal })
    },
  }
}
