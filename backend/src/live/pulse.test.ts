import type { Duplex } from 'node:stream'
import { limits } from '@nitroagi/shared/limits'
import { describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { createPulse } from './pulse.ts'

/** A peer that never answers. */
function silent({ waiting = 0, isPaused = false } = {}) {
  const peer = { pings: 0, isPaused, ping: () => void peer.pings++ }
  const socket = { writableLength: waiting } as Duplex
  const pulse = createPulse({ webSocket: peer as unknown as WebSocket, socket, pingMs: 20_000 })
  const start = performance.now()
  /** How often it is still thought to be there, when asked every 20 seconds. */
  const beats = (times: number) => Array.from({ length: times }, (_, index) => pulse.beat(start + (index + 1) * 20_001))
  return { pulse, peer, beats, start }
}

describe('a peer that says nothing', () => {
  it('is given up when two pings stay unanswered', () => {
    const { beats, peer } = silent()
    expect(beats(3)).toEqual([true, true, false])
    expect(peer.pings).toBe(2)
  })

  it('gets longer behind a full buffer', () => {
    expect(silent({ waiting: 1 }).beats(7)).toEqual([true, true, true, true, true, true, false])
  })

  it('is not given up while it is us who do not listen', () => {
    expect(silent({ isPaused: true }).beats(8)).not.toContain(false)
  })

  it('is there again with any sign of life', () => {
    const { pulse, beats, start } = silent()
    expect(beats(2)).toEqual([true, true])
    pulse.heard()
    expect(pulse.beat(start + 80_004)).toBe(true)
  })

  it('is not pinged before it is time to', () => {
    const { pulse, peer, start } = silent()
    expect(pulse.beat(start + 19_000)).toBe(true)
    expect(peer.pings).toBe(0)
    pulse.beat(start + 20_001)
    pulse.beat(start + 40_000)
    expect(peer.pings).toBe(1)
  })
})

it('lets a peer say so much a second and no more, and again as time goes by', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const rate = limits.webSocketMessagesPerSecond
    const { pulse } = silent()
    const say = (times: number) => Array.from({ length: times }, () => pulse.mayGoOn())
    expect(say(rate + 1)).toEqual([...Array<boolean>(rate).fill(true), false])
    // What was refused counts too: whoever goes on without a pause gets nowhere.
    vi.advanceTimersByTime(3_000 / rate)
    expect(say(3)).toEqual([true, true, false])
    vi.advanceTimersByTime(60_000)
    expect(say(rate + 1).filter(Boolean)).toHaveLength(rate)
  } finally {
    vi.useRealTimers()
  }
})
