import { leaseSeconds, windowParts, type Meter, type Reading, type Taken } from './port.ts'

/** As many as are remembered; beyond that the one that was touched longest ago makes room. */
const metersAtMost = 100_000

interface Held {
  /** What was spent by part of the window; a part's number is its time divided by its length. */
  parts: Map<number, number>
  spent: number
  /** When each lease is given up. */
  leases: Map<string, number>
}

/**
 * Counts for one process: a sliding window of twelve parts, of which the oldest goes as a whole (the sliding window
 * counter, https://blog.cloudflare.com/counting-things-a-lot-of-different-things, without its estimate, so that no window of
 * that length ever holds more than it may).
 */
export function createMeters({ now = Date.now }: { now?: () => number } = {}) {
  const meters = new Map<string, Held>()

  function held(key: string): Held {
    const meter = meters.get(key) ?? { parts: new Map(), spent: 0, leases: new Map() }
    meters.delete(key)
    meters.set(key, meter)
    if (meters.size > metersAtMost) meters.delete(meters.keys().next().value!)
    return meter
  }

  function forgetOld({ parts, leases, ...rest }: Held, part: number, at: number): number {
    let { spent } = rest
    // Both are in the order in which they were put in.
    for (const [number, count] of parts) {
      if (number >= part - windowParts) break
      parts.delete(number)
      spent -= count
    }
    for (const [lease, endsAt] of leases) {
      if (endsAt > at) break
      leases.delete(lease)
    }
    return spent
  }

  return {
    take(keys: readonly string[], asked: readonly Meter[], lease: string): Taken {
      const at = now()
      const states = asked.map((meter, index) => {
        const state = held(keys[index]!)
        const partMs = (meter.windowSeconds * 1000) / windowParts
        const part = Math.floor(at / partMs)
        state.spent = forgetOld(state, part, at)
        return { meter, state, partMs, part }
      })
      const full = states.findIndex(({ meter, state }) => refusal(meter, state) !== undefined)
      const by = states[full] && refusal(states[full].meter, states[full].state)
      if (by === undefined) {
        for (const { meter, state, part } of states) {
          state.parts.set(part, (state.parts.get(part) ?? 0) + 1)
          state.spent++
          if (meter.atOnce !== null) state.leases.set(lease, at + leaseSeconds * 1000)
        }
      }
      const readings = states.map(({ meter, state, partMs }): Reading => {
        const [oldest] = state.parts.keys()
        const nextFreeAtMs = oldest === undefined ? at : (oldest + windowParts + 1) * partMs
        return { spent: state.spent, underWay: meter.atOnce === null ? 0 : state.leases.size, nextFreeAtMs }
      })
      return { refused: by && { meter: full, by }, readings }
    },
    hold(keys: readonly string[], lease: string): void {
      const endsAt = now() + leaseSeconds * 1000
      for (const key of keys) {
        const { leases } = held(key)
        leases.delete(lease)
        leases.set(lease, endsAt)
      }
    },
    release(keys: readonly string[], lease: string): void {
      for (const key of keys) meters.get(key)?.leases.delete(lease)
    },
  }
}

const refusal = ({ atMost, atOnce }: Meter, { spent, leases }: Held) =>
  spent >= atMost ? 'window' : atOnce !== null && leases.size >= atOnce ? 'at-once' : undefined
