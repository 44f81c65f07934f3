import { describe, expect, it } from 'vitest'
import { createBreaker, createRetryBudget } from './breaker.ts'

function open() {
  let seconds = 0
  const breaker = createBreaker(
    { windowSeconds: 30, minimumFailures: 5, failureShare: 0.5, openSeconds: 5, openSecondsMax: 60 },
    () => seconds * 1000,
  )
  return {
    breaker,
    pass: (by: number) => (seconds += by),
    fail: (times: number, pause?: number) => {
      for (let time = 0; time < times; time++) breaker.enter()?.failed(pause)
    },
    succeed: (times: number) => {
      for (let time = 0; time < times; time++) breaker.enter()?.succeeded()
    },
  }
}

describe('the breaker of a provider', () => {
  it('opens when most calls fail, and not for a few or for a small share', () => {
    const few = open()
    few.fail(4)
    expect(few.breaker.state()).toBe('closed')
    const small = open()
    small.succeed(20)
    small.fail(10)
    expect(small.breaker.state()).toBe('closed')
    const most = open()
    most.succeed(5)
    most.fail(5)
    expect(most.breaker.state()).toBe('open')
    expect(most.breaker.enter()).toBeUndefined()
  })

  it('forgets what is long ago', () => {
    const { breaker, fail, pass } = open()
    fail(4)
    pass(31)
    fail(4)
    expect(breaker.state()).toBe('closed')
  })

  it('lets one call try after its pause, and closes when that succeeds', () => {
    const { breaker, fail, pass } = open()
    fail(5)
    expect(breaker.secondsToWait()).toBe(5)
    pass(5)
    const trial = breaker.enter()
    expect(breaker.state()).toBe('trying')
    expect(breaker.enter()).toBeUndefined()
    trial?.succeeded()
    expect([breaker.state(), breaker.counts()]).toEqual(['closed', { calls: 0, failures: 0 }])
  })

  it('waits longer after every trial that fails, and as long as the provider asks', () => {
    const { breaker, fail, pass } = open()
    fail(5)
    pass(5)
    breaker.enter()?.failed()
    expect(breaker.secondsToWait()).toBe(10)
    pass(10)
    breaker.enter()?.failed(45)
    expect(breaker.secondsToWait()).toBe(45)
    pass(45)
    breaker.enter()?.failed(100_000)
    expect(breaker.secondsToWait()).toBe(60)
  })

  it('learns nothing from a call that was given up, and lets the next one try', () => {
    const { breaker, fail, pass } = open()
    fail(5)
    pass(5)
    breaker.enter()?.givenUp()
    expect(breaker.enter()).toBeDefined()
  })
})

it('allows second attempts for a tenth of the requests and a few in hand', () => {
  const budget = createRetryBudget({ share: 0.1, inHand: 10 })
  let taken = 0
  for (let request = 0; request < 200; request++) {
    budget.requestMade()
    if (budget.take()) taken++
  }
  expect(taken).toBeGreaterThanOrEqual(10)
  expect(taken).toBeLessThanOrEqual(31)
})
