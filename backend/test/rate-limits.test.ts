import { randomUUID } from 'node:crypto'
import type { CreatedApiKey, SignedIn } from '@nitroagi/shared/identity'
import { requestLimits } from '@nitroagi/shared/limits'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRoutes } from '../src/http/routes.ts'
import { silentLog } from '../src/log.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createInProcessWorkingMemory } from '../src/ports/working-memory/in-process.ts'
import type { WorkingMemory } from '../src/ports/working-memory/port.ts'
import { createMetering } from '../src/services/metering.ts'
import { createRateLimits, type RequestLimits } from '../src/services/rate-limits.ts'
import { createRefusedCredentials } from '../src/services/refused-credentials.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { openMemory } from './test-database.ts'

const hour = 3_600_000
const keysPath = '/api/v1/api-keys'
const emailOf = (name: string) => `${name}-${randomUUID()}@example.com`
const headersOf = ({ headers }: Response) =>
  ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`x-ratelimit-${name}`)))

describe('limits of requests', () => {
  let connection: Connection
  let now = 1_700_000_000_000
  const held: (() => void)[] = []
  beforeAll(async () => void (connection = await openMemory()))
  afterAll(() => connection?.close())
  afterEach(() => held.splice(0).forEach((letGo) => letGo()))

  function open(options: { limits?: RequestLimits; shared?: WorkingMemory; perMinute?: number } = {}): TestApp {
    const clock = { now: () => now }
    const local = createInProcessWorkingMemory(clock)
    const take = createMetering({
      shared: options.shared ?? createInProcessWorkingMemory(clock),
      local,
      log: silentLog,
    })
    // Answers when the test says so.
    const slow = createRoutes().get('/slow', async (c) => {
      await new Promise<void>((resolve) => held.push(resolve))
      return c.json({ done: true })
    })
    return createTestApp(connection, {
      backend: {
        rateLimits: createRateLimits({ take, ...clock, ...(options.limits ? { limits: options.limits } : {}) }),
        refusedCredentials: createRefusedCredentials({ take, ...clock, perMinute: options.perMinute ?? 60 }),
        routes: [{ path: '/api/v1', app: slow }],
      },
    })
  }

  const keyOf = async (app: TestApp, who: SignedIn) => {
    const answer = await app.asPerson(who, keysPath, { method: 'POST', body: { name: 'script', scopes: ['read'] } })
    return (await answer.json()) as CreatedApiKey
  }

  it('give a free key a hundred requests an hour, say what is left, and give them back in an hour', async () => {
    const app = open()
    const { key } = await keyOf(app, await app.createUser({ email: emailOf('ada') }))
    const first = await app.withKey(key, '/api/v1/me')
    const [limit, remaining, reset = 0] = headersOf(first)
    expect([first.status, limit, remaining]).toEqual([200, 100, 99])
    expect(reset * 1000 - now).toBeGreaterThanOrEqual(hour)
    expect(reset * 1000 - now).toBeLessThanOrEqual(hour + hour / 12 + 1_000)
    for (let sent = 1; sent < 100; sent++) expect((await app.withKey(key, '/api/v1/me')).status).toBe(200)

    const refused = await app.withKey(key, '/api/v1/me')
    expect([refused.status, ...headersOf(refused).slice(0, 2)]).toEqual([429, 100, 0])
    const { error } = (await refused.json()) as { error: { code: string; message: string } }
    expect(error.code).toBe('rate_limited')
    expect(error.message).toMatch(
      /^The 100 requests that this API key may send in an hour are used up\. Try again in \d+ minutes\.$/,
    )
    const retryAfter = Number(refused.headers.get('retry-after'))
    expect(retryAfter).toBe(reset - now / 1000)
    now += (retryAfter - 1) * 1000
    expect((await app.withKey(key, '/api/v1/me')).status).toBe(429)
    now += 1000
    expect((await app.withKey(key, '/api/v1/me')).status).toBe(200)
  })

  it('count also what is refused for another reason, and an address that does not exist', async () => {
    const app = open()
    const { key } = await keyOf(app, await app.createUser({ email: emailOf('ada') }))
    expect((await app.withKey(key, '/metrics')).headers.has('x-ratelimit-limit')).toBe(false)
    const answers = [await app.withKey(key, '/api/v1/nowhere'), await app.withKey(key, '/api/v1/me', { method: 'PUT' })]
    expect(answers.map((answer) => [answer.status, headersOf(answer)[1]])).toEqual([
      [404, 99],
      [405, 98],
    ])
  })

  it('never let more in than they say, however many come together', async () => {
    const limits = { ...requestLimits, free: { perHour: 20, atOnce: 1_000 } }
    const app = open({ limits })
    const { key } = await keyOf(app, await app.createUser({ email: emailOf('ada') }))
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.withKey(key, '/api/v1/me')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30)
  })

  it('let so many of a key be under way at once, and the next one in when one has ended', async () => {
    const app = open()
    const { key } = await keyOf(app, await app.createUser({ email: emailOf('ada') }))
    const slow = Array.from({ length: 5 }, () => app.withKey(key, '/api/v1/slow'))
    await expect.poll(() => held.length).toBe(5)
    const sixth = await app.withKey(key, '/api/v1/me')
    expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await sixth.text()).toContain('5 requests under way already')
    held.shift()?.()
    await Promise.race(slow)
    expect((await app.withKey(key, '/api/v1/me')).status).toBe(200)
    held.splice(0).forEach((letGo) => letGo())
    await Promise.all(slow)
  })

  it('are each key’s and each person’s own, below one of the workspace together', async () => {
    const limits = { ...requestLimits, free: { perHour: 3, atOnce: 5 }, workspace: { perHour: 12, atOnce: 50 } }
    const app = open({ limits })
    const ada = await app.createUser({ email: emailOf('ada'), workspace: 'Team' })
    const bob = await app.createUser({ email: emailOf('bob') })
    const [one, other] = [await keyOf(app, ada), await keyOf(app, ada)]
    for (let sent = 0; sent < 3; sent++) expect((await app.withKey(one.key, '/api/v1/me')).status).toBe(200)
    expect((await app.withKey(one.key, '/api/v1/me')).status).toBe(429)
    expect((await app.withKey(other.key, '/api/v1/me')).status).toBe(200)
    const mine = await app.asPerson(ada, '/api/v1/me')
    // Two of them made the keys.
    expect(headersOf(mine).slice(0, 2)).toEqual([3_000, 2_997])
    for (let sent = 7; sent < 12; sent++) expect((await app.asPerson(ada, '/api/v1/me')).status).toBe(200)
    const full = await app.withKey(other.key, '/api/v1/me')
    expect([full.status, headersOf(full)[0]]).toEqual([429, 12])
    expect(await full.text()).toContain('your workspace')
    expect((await app.asPerson(bob, '/api/v1/me')).status).toBe(200)
  })

  it('hold neither the operator nor whoever looks after the machine', async () => {
    const limits = { ...requestLimits, person: { perHour: 1, atOnce: 1 }, free: { perHour: 1, atOnce: 1 } }
    const app = open({ limits })
    const ada = await app.createUser({ email: emailOf('ada') })
    for (let sent = 0; sent < 3; sent++) {
      const answer = await app.withKey(app.operatorKey, '/api/v1/me')
      expect([answer.status, answer.headers.has('x-ratelimit-limit')]).toEqual([200, false])
      expect((await app.asPerson(ada, '/health')).status).toBe(401)
      expect((await app.request('/health/live')).status).toBe(200)
    }
  })
})
