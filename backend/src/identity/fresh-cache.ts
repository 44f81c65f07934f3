export interface FreshCache<Value> {
  /** What `load` found at most `seconds` ago. Many who ask at once share one load. */
  get(key: string): Promise<Value | undefined>
  forget(matches: (value: Value) => boolean): void
}

/** Remembers what was found for a short time; what was not found, or failed, is asked for again. Bounded. */
export function createFreshCache<Value extends object>(
  load: (key: string) => Promise<Value | undefined>,
  { seconds, capacity, now = Date.now }: { seconds: number; capacity: number; now?: () => number },
): FreshCache<Value> {
  interface Entry {
    until: number
    value: Promise<Value | undefined>
    found: Value | undefined
  }
  const entries = new Map<string, Entry>()

  return {
    get(key) {
      const known = entries.get(key)
      if (known && known.until > now()) return known.value
      entries.delete(key)
      // Oldest first in a Map, so the first key is the one to drop.
      if (entries.size >= capacity) entries.delete(entries.keys().next().value!)
      const entry: Entry = { until: now() + seconds * 1000, value: load(key), found: undefined }
      entries.set(key, entry)
      const drop = () => {
        if (entries.get(key) === entry) entries.delete(key)
      }
      entry.value.then((found) => (found ? (entry.found = found) : drop()), drop)
      return entry.value
    },
    forget(matches) {
      for (const [key, { found }] of entries) if (found === undefined || matches(found)) entries.delete(key)
    },
  }
}
