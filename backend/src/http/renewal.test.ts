import { NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import type { Context } from 'hono'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Actor } from '../call.ts'
import { endWhenRefused } from './renewal.ts'
import type { Env } from './routes.ts'

const ada: Actor = { userId: 'ada', workspaceId: 'w1', role: 'viewer', via: 'session', scopes: ['read'] }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function reading(renew: (() => Promise<Actor>) | undefined, needed?: Scope) {
  const state = { ends: 0 }
  const c = { get: () => renew } as unknown as Context<Env>
  const end = () => void state.ends++
  const stop = needed === undefined ? endWhenRefused(c, end) : endWhenRefused(c, end, needed)
  return { state, stop }
}

it('lets a reader go on for as long as they have the right', async () => {
  let asked = 0
  const { state, stop } = reading(async () => {
    asked++
    return ada
  })
  await vi.advanceTimersByTimeAsync(3_000)
  expect([asked, state.ends]).toEqual([3, 0])
  stop()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(asked).toBe(3)
})

it('ends a reader who has lost the right, within a second', async () => {
  const { state } = reading(async () => ({ ...ada, scopes: [] }))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(state.ends).toBe(1)
})

it('ends a reader who lacks the right that this needs', async () => {
  const { state } = reading(async () => ada, 'chat')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(state.ends).toBe(1)
})

it('ends a reader whose workspace asks for a second factor from now on', async () => {
  const { state } = reading(async () => ({ ...ada, needsSecondFactor: true }))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(state.ends).toBe(1)
})

it('ends a reader whose credential is good no more', async () => {
  const { state } = reading(() => Promise.reject(new NitroError('unauthenticated', 'Gone')))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(state.ends).toBe(1)
})

it.each([new NitroError('unavailable', 'Away'), new NitroError('internal', 'Broken'), new Error('broken')])(
  'throws nobody out because it cannot be told: %s',
  async (failure) => {
    const { state } = reading(() => Promise.reject(failure))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(state.ends).toBe(0)
  },
)

it('looks at nothing where a credential is good for one request', async () => {
  const { state, stop } = reading(undefined)
  expect(vi.getTimerCount()).toBe(0)
  stop()
  expect(state.ends).toBe(0)
})
