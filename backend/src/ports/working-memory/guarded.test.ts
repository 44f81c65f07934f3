import { describe, expect, it, vi } from 'vitest'
import { guardWorkingMemory } from './guarded.ts'
import { createInProcessWorkingMemory } from './in-process.ts'
import type { WorkingMemory } from './port.ts'

const here = { workspaceId: 'w', conversationId: 'c' }

/** A memory that answers, fails or says nothing, as the test wants it, and counts how often it was asked. */
function open(timeoutMs = 5) {
  const state = {
    now: 0,
    asked: 0,
    does: 'fail' as 'answer' | 'fail' | 'hang',
    /** Whoever asks next waits until this is called, and then hears of a failure. */
    hang() {
      let fail = () => {}
      waiting = new Promise((_, reject) => (fail = () => reject(new Error('away'))))
      state.does = 'hang'
      return () => fail()
    },
  }
  let waiting = new Promise<void>(() => {})
  const memory: WorkingMemory = {
    ...createInProcessWorkingMemory(),
    async check() {
      state.asked++
      if (state.does === 'hang') return waiting
      if (state.does === 'fail') throw new Error('away')
    },
  }
  const guarded = guardWorkingMemory(memory, { timeoutMs, restMs: 1_000, now: () => state.now })
  const ask = () =>
    guarded.check().then(
      () => 'answered',
      (error: { code: string; cause: unknown }) => `${error.code}: ${String(error.cause)}`,
    )
  return { state, ask }
}

const failed = 'unavailable: Error: away'
const late = 'unavailable: Error: No reply within 5 ms'
const resting = 'unavailable: It failed a moment ago'

describe('a memory elsewhere', () => {
  it('is asked until the third failure in a row, then not at all for a while', async () => {
    const { state, ask } = open()
    expect([await ask(), await ask()]).toEqual([failed, failed])
    state.does = 'hang'
    expect(await ask()).toBe(late)
    state.now = 999
    expect(await ask()).toBe(resting)
    expect(state.asked).toBe(3)
    state.now = 1_000
    expect(await ask()).toBe(late)
    expect(state.asked).toBe(4)
  })

  it('rests once more when it fails whoever goes first, from that moment on', async () => {
    const { state, ask } = open()
    for (const _ of [1, 2, 3]) await ask()
    state.now = 1_500
    expect(await ask()).toBe(failed)
    state.now = 2_499
    expect(await ask()).toBe(resting)
    state.does = 'answer'
    state.now = 2_500
    expect(await Promise.all([ask(), ask()])).toEqual(['answered', resting])
    expect([await ask(), await ask()]).toEqual(['answered', 'answered'])
  })

  it('is asked by all at once while it answers, and leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { state, ask } = open()
      state.does = 'answer'
      expect(await Promise.all([ask(), ask(), ask()])).toEqual(['answered', 'answered', 'answered'])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is tried by one alone, also when somebody who asked long before hears of a failure meanwhile', async () => {
    const { state, ask } = open(60_000)
    const fail = state.hang()
    const early = ask()
    for (const _ of [1, 2, 3]) {
      state.does = 'fail'
      await ask()
    }
    state.now = 1_000
    const failToo = state.hang()
    const probing = ask()
    fail()
    await early
    state.now = 9_000
    expect(await ask()).toBe(resting)
    failToo()
    expect(await probing).toBe(failed)
  })

  it('begins to count anew with every answer', async () => {
    const { state, ask } = open()
    for (let round = 0; round < 3; round++) {
      state.does = 'fail'
      expect([await ask(), await ask()]).toEqual([failed, failed])
      state.does = 'answer'
      expect(await ask()).toBe('answered')
    }
  })

  it('rests for seconds where nobody says otherwise, and is asked by the clock of the machine', async () => {
    let asked = 0
    const memory = { ...createInProcessWorkingMemory(), check: () => (asked++, Promise.reject(new Error('away'))) }
    const guarded = guardWorkingMemory(memory)
    for (const _ of [1, 2, 3, 4]) await expect(guarded.check()).rejects.toMatchObject({ code: 'unavailable' })
    expect(asked).toBe(3)
  })

  it('is asked for each thing as it is, and says what it says', async () => {
    const guarded = guardWorkingMemory(createInProcessWorkingMemory(), { timeoutMs: 5_000 })
    await guarded.summarise(here, 'in short')
    expect((await guarded.recall(here)).summary).toBe('in short')
    expect(await guarded.remember(here, [])).toEqual({ fellOut: [], summary: 'in short' })
    await guarded.forget(here)
    expect((await guarded.recall(here)).summary).toBe('')
    await guarded.cache('w', 'name', 'value', 60)
    expect(await guarded.cached('w', 'name')).toBe('value')
    expect([await guarded.count('w', 'asks', 60), await guarded.count('w', 'asks', 60)]).toEqual([1, 2])
    const meter = { name: 'm', atMost: 9, windowSeconds: 60, atOnce: 1 }
    const isRefused = async () => (await guarded.take('w', [meter], 'lease')).refused !== undefined
    expect([await isRefused(), await isRefused()]).toEqual([false, true])
    await guarded.release('w', ['m'], 'lease')
    await guarded.hold('w', ['m'], 'other')
    expect(await isRefused()).toBe(true)
    const heard: string[] = []
    const leave = await guarded.subscribe('w', 'news', (message) => heard.push(message))
    await guarded.publish('w', 'news', 'hello')
    await expect.poll(() => heard).toEqual(['hello'])
    await leave()
    await guarded.close()
  })

  it('lets a listener take ten times as long, and ends one that comes too late to be wanted', async () => {
    let begin = (_: () => Promise<void>): void => {}
    let ended = 0
    const slow: WorkingMemory = {
      ...createInProcessWorkingMemory(),
      subscribe: () => new Promise((resolve) => (begin = resolve)),
    }
    const listen = () => guardWorkingMemory(slow, { timeoutMs: 5 }).subscribe('w', 'news', () => {})
    const inTime = listen()
    await new Promise((resolve) => setTimeout(resolve, 20))
    begin(async () => {})
    await expect(inTime).resolves.toBeTypeOf('function')
    await expect(listen()).rejects.toMatchObject({ code: 'unavailable', cause: new Error('No reply within 50 ms') })
    begin(async () => void ended++)
    await expect.poll(() => ended).toBe(1)
    const refusing = { ...slow, subscribe: () => Promise.reject(new Error('away')) }
    await expect(guardWorkingMemory(refusing).subscribe('w', 'n', () => {})).rejects.toThrow('does not answer')
  })
})
