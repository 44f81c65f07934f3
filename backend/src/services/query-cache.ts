import { createHash } from 'node:crypto'

interface Kept<Value> {
  value: Value
  bytes: number
  until: number
}

/**
 * Answers of this process, the least lately used forgotten first. The key says all that an answer depends on, rights
 * included; whoever may see something else has another key.
 */
export function createQueryCache<Value>({ maxBytes, ttlMs }: { maxBytes: number; ttlMs: number }) {
  const kept = new Map<string, Kept<Value>>()
  let bytes = 0

  function forget(key: string): void {
    bytes -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }

  return {
    get(key: string): Value | undefined {
      const found = kept.get(key)
      if (!found) return undefined
      forget(key)
      if (found.until < Date.now()) return undefined
      kept.set(key, found)
      bytes += found.bytes
      return found.value
    },
    set(key: string, value: Value): void {
      // Characters take two bytes at most.
      const size = 2 * (JSON.stringify(value).length + key.length)
      forget(key)
      if (size > maxBytes / 4) return
      kept.set(key, { value, bytes: size, until: Date.now() + ttlMs })
      bytes += size
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) break
        forget(oldest)
      }
    },
    get bytes() {
      return bytes
    },
  }
}

export const cacheKey = (parts: unknown) => createHash('sha256').update(JSON.stringify(parts)).digest('base64')
