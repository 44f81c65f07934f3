import { Redis } from '@upstash/redis'
import type { WorkingMemory } from './port.ts'
import { createRemoteWorkingMemory, type TransactionCommand } from './remote.ts'

/** Upstash's Redis over REST: each method is one HTTP request. */
export function createUpstashWorkingMemory({
  url,
  token,
  timeoutMs,
}: {
  url: string
  token: string
  timeoutMs: number
}): WorkingMemory {
  const redis = new Redis({
    url,
    token,
    // Every request ends by itself; as a function, because the client takes an aborted plain signal for an answer.
    signal: () => AbortSignal.timeout(timeoutMs),
    // Whoever asks goes on without us sooner than a second try could answer.
    retry: false,
    // It would hold commands back to gather them, and send a lone one as a batch of one.
    enableAutoPipelining: false,
    automaticDeserialization: false,
    enableTelemetry: false,
  })
  const leave = new Set<() => Promise<void>>()

  return createRemoteWorkingMemory({
    run: (command) => redis.exec([...command]),
    async transaction(commands) {
      const multi = redis.multi()
      for (const command of commands) add(multi, command)
      return multi.exec<unknown[]>()
    },
    async subscribe(channel, hear) {
      const subscriber = redis.subscribe<string>(channel)
      const end = async () => {
        leave.delete(end)
        subscriber.removeAllListeners()
        await subscriber.unsubscribe()
      }
      await new Promise<void>((resolve, reject) => {
        subscriber.on('subscribe', () => resolve())
        subscriber.on('error', reject)
        subscriber.on('message', ({ message }) => hear(String(message)))
      })
      leave.add(end)
      return end
    },
    async close() {
      await Promise.all([...leave].map((end) => end()))
    },
  })
}

/** Its transactions know no plain commands, so ours are told in its words. */
function add(multi: Multi, [name, key, ...parts]: TransactionCommand): void {
  words[name](multi, key, parts)
}

type Multi = ReturnType<Redis['multi']>

const words: Record<TransactionCommand[0], (multi: Multi, key: string, parts: readonly string[]) => void> = {
  HSET: (multi, key, parts) => void multi.hset(key, pairs(parts)),
  HGETALL: (multi, key) => void multi.hgetall(key),
  INCR: (multi, key) => void multi.incr(key),
  EXPIRE: (multi, key, [seconds, when]) => void multi.expire(key, Number(seconds), when === 'NX' ? 'NX' : undefined),
}

const pairs = (parts: readonly string[]): Record<string, string> =>
  Object.fromEntries(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1]!]] : [])))
