const kept = 64

/** How long each model took to begin, measured; from that, when an answer is late enough to ask a second time. */
export function createLatencies(minimumSamples: number) {
  const measured = new Map<string, { times: number[]; next: number }>()

  return {
    note(model: string, ms: number): void {
      const entry = measured.get(model) ?? { times: [], next: 0 }
      entry.times[entry.next] = ms
      entry.next = (entry.next + 1) % kept
      // Names may come from clients; only so many are worth measuring.
      if (measured.size < 200) measured.set(model, entry)
    },
    /** Nine of the last answers in ten began within this; undefined until enough were measured. */
    predictMs(model: string): number | undefined {
      const times = measured.get(model)?.times
      if (!times || times.length < minimumSamples) return undefined
      return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.9) - 1]
    },
    all: () => [...measured].map(([model, { times }]) => ({ model, measured: times.length })),
  }
}
