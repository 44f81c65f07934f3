import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { NitroError } from '@nitroagi/shared/errors'
import type { CreatedApiKey, SignedIn } from '@nitroagi/shared/identity'
import { requestLimits } from '@nitroagi/shared/limits'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createRoutes } from '../src/http/routes.ts'
import { networkOf } from '../src/identity/networks.ts'
import { silentLog } from '../src/log.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { guardWorkingMemory } from '../src/ports/working-memory/guarded.ts'
import { createInProcessWorkingMemory } from '../src/ports/working-memory/in-process.ts'
import type { WorkingMemory } from '../src/ports/working-memory/port.ts'
import { createRedisWorkingMemory } from '../src/ports/working-memory/redis.ts'
import { createMetering, type Metered, type Metering } from '../src/services/metering.ts'
import { createRateLimits, type RequestLimits } from '../src/services/rate-limits.ts'
import { createRefusedCredentials } from '../src/services/refused-credentials.ts'
import { freePort } from './backend-process.ts'
import { createTestApp, webOrigin, type TestApp } from './test-app.ts'
import { startBackend, type TestBackend } from './test-backend.ts'
import { testCall } from './test-call.ts'
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

  it('hold the place of a request that lasts, and give it up when its backend has died', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const memory = createInProcessWorkingMemory({ now: () => now })
    const limits = { ...requestLimits, person: { perHour: 100, atOnce: 1 } }
    const replica = () =>
      createRateLimits({ take: createMetering({ shared: memory, local: memory, log: silentLog }), limits })
    const { actor } = testCall()
    const [one, other] = [replica(), replica()]
    const isIn = async () => {
      const admission = await other.admit({ ...actor, via: 'session' })
      admission?.release()
      return admission?.refusal === undefined
    }
    try {
      const lasting = await one.admit({ ...actor, via: 'session' })
      for (let passed = 0; passed < 10; passed++) {
        now += 30_000
        await vi.advanceTimersByTimeAsync(30_000)
        expect(await isIn()).toBe(false)
      }
      lasting?.release()
      expect(await isIn()).toBe(true)

      await one.admit({ ...actor, via: 'session' })
      one.close()
      now += 89_000
      expect(await isIn()).toBe(false)
      now += 2_000
      expect(await isIn()).toBe(true)
    } finally {
      other.close()
      vi.useRealTimers()
    }
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
    expect(headersOf(mine).slice(0, 2)).toEqual([10_000, 9_997])
    for (let sent = 7; sent < 12; sent++) expect((await app.asPerson(ada, '/api/v1/me')).status).toBe(200)
    const full = await app.withKey(other.key, '/api/v1/me')
    expect([full.status, headersOf(full)[0]]).toEqual([429, 12])
    expect(await full.text()).toContain('your workspace')
    expect((await app.asPerson(bob, '/api/v1/me')).status).toBe(200)
  })

  it('are set by the operator alone, key by key', async () => {
    const app = open({ limits: { ...requestLimits, free: { perHour: 2, atOnce: 5 }, pro: { perHour: 9, atOnce: 5 } } })
    const ada = await app.createUser({ email: emailOf('ada') })
    const { key, id, prefix } = await keyOf(app, ada)
    for (let sent = 0; sent < 2; sent++) expect((await app.withKey(key, '/api/v1/me')).status).toBe(200)
    const raise = (body: object, by = app.operatorKey) =>
      app.withKey(by, '/api/v1/operator/keys/tier', { method: 'POST', body })
    expect((await raise({ prefix, tier: 'pro' }, key)).status).toBe(429)
    const raised = await raise({ prefix, tier: 'pro' })
    expect([raised.status, await raised.json()]).toMatchObject([200, { id, tier: 'pro' }])
    expect(headersOf(await app.withKey(key, '/api/v1/me')).slice(0, 2)).toEqual([9, 6])
    expect((await raise({ id, tier: 'free' }, key)).status).toBe(404)
    expect((await raise({ id, tier: 'free' })).status).toBe(200)
    expect((await app.withKey(key, '/api/v1/me')).status).toBe(429)
    for (const wrong of [{ tier: 'pro' }, { id, prefix, tier: 'pro' }, { id, tier: 'best' }])
      expect((await raise(wrong)).status).toBe(400)
    expect((await raise({ id: randomUUID(), tier: 'pro' })).status).toBe(404)
    const own = await app.asPerson(ada, keysPath, { method: 'POST', body: { name: 'x', tier: 'enterprise' } })
    expect(own.status).toBe(400)
  })

  it('end what a key asked a ticket for when the key is revoked', async () => {
    const app = open()
    const ada = await app.createUser({ email: emailOf('ada') })
    const asked = { method: 'POST', body: { name: 'script' } }
    const { key, id } = (await (await app.asPerson(ada, keysPath, asked)).json()) as CreatedApiKey
    const ticketOf = async () => {
      const made = await app.withKey(key, '/api/v1/tickets', { method: 'POST', body: { kind: 'websocket' } })
      return ((await made.json()) as { ticket: string }).ticket
    }
    const [used, kept] = [await ticketOf(), await ticketOf()]
    const actor = await app.identity.tickets.consume('websocket', used, webOrigin)
    expect(actor).toMatchObject({ via: 'ticket', keyId: id, keyTier: 'free', scopes: ['read', 'chat'] })
    await app.identity.apiKeys.current(actor)
    expect((await app.asPerson(ada, `${keysPath}/${id}`, { method: 'DELETE' })).status).toBe(204)
    await expect(app.identity.apiKeys.current(actor)).rejects.toThrow('not valid')
    await expect(app.identity.tickets.consume('websocket', kept, webOrigin)).rejects.toThrow('not valid')
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

describe('credentials that are refused', () => {
  let now = 0
  const unknown = 'nk_live_unknown'
  const refuse = () => Promise.reject(new NitroError('unauthenticated', 'This API key is not valid'))
  const accept = () => Promise.resolve('in')
  const codeOf = (work: Promise<unknown>) =>
    work.then(String, (error: unknown) => (error instanceof NitroError ? error.code : 'another error'))

  function open(perMinute = 3) {
    const memory = createInProcessWorkingMemory({ now: () => now })
    const take = createMetering({ shared: memory, local: memory, log: silentLog })
    return createRefusedCredentials({ take, perMinute, now: () => now })
  }

  it('are looked at so often a minute from one address, and not at all for a while after that', async () => {
    const refused = open()
    const from = (address: string | undefined, prove = refuse, credential = unknown) =>
      codeOf(refused.watch({ address, credential }, prove))
    for (let tries = 0; tries < 3; tries++) expect(await from('192.0.2.1')).toBe('unauthenticated')
    expect(await from('192.0.2.1')).toBe('rate_limited')
    let looks = 0
    const look = () => (looks++, refuse())
    expect(await from('192.0.2.1', look)).toBe('rate_limited')
    expect(looks).toBe(0)
    expect(await from('192.0.2.2')).toBe('unauthenticated')
    now += 66_000
    expect(await from('192.0.2.1')).toBe('unauthenticated')
  })

  it('shut out neither whoever came in before, nor whom the web app speaks for', async () => {
    const refused = open()
    const address = '192.0.2.3'
    expect(await refused.watch({ address, credential: 'nk_live_good' }, accept)).toBe('in')
    for (let tries = 0; tries < 4; tries++) await codeOf(refused.watch({ address, credential: unknown }, refuse))
    expect(await refused.watch({ address, credential: 'nk_live_good' }, accept)).toBe('in')
    expect(await codeOf(refused.watch({ address, credential: 'nk_live_other' }, accept))).toBe('rate_limited')
    expect(await refused.watch({ address, credential: 'a.signed.token' }, accept)).toBe('in')
    expect(await codeOf(refused.watch({ address, credential: 'a.forged.token' }, refuse))).toBe('rate_limited')
    const ended = (onSigned: () => void) => (onSigned(), refuse())
    expect(await codeOf(refused.watch({ address, credential: 'a.signed.token' }, ended))).toBe('unauthenticated')
  })

  it('count against a whole network of version 6, and do not count other failures', async () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:DB8:1:2::9'))
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'))
    expect([networkOf('::1'), networkOf('fe80::1%eth0')]).toEqual(['0:0:0:0::/64', 'fe80:0:0:0::/64'])
    expect([networkOf('::ffff:192.0.2.7'), networkOf('192.0.2.7')]).toEqual(['192.0.2.7', '192.0.2.7'])
    const refused = open(1)
    const away = () => Promise.reject(new NitroError('unavailable', 'Try again'))
    for (let tries = 0; tries < 3; tries++) {
      expect(await codeOf(refused.watch({ address: '192.0.2.4', credential: unknown }, away))).toBe('unavailable')
    }
    const known = { address: undefined, credential: unknown }
    for (let tries = 0; tries < 3; tries++) expect(await codeOf(refused.watch(known, refuse))).toBe('unauthenticated')
  })
})

describe('the product on a port', () => {
  let backend: TestBackend | undefined
  afterEach(async () => {
    await backend?.close()
    backend = undefined
  })
  const start = async (limits: string, more: Parameters<typeof startBackend>[0] = {}) => {
    backend = await startBackend({ ...more, env: { NITRO_RATE_LIMITS: limits, ...more.env } })
    return { person: await backend.createPerson(), url: backend.url, request: backend.request }
  }
  const endless = () => createScriptedLanguageModels({ deltas: Array<string>(2_000).fill('word '), delayMs: 20 })
  const chat = (stream = true) => ({
    model: stream ? 'scripted/default' : 'nitro-auto',
    stream,
    messages: [{ role: 'user', content: 'Go on.' }],
  })

  it('counts a stream until its reader has left', async () => {
    const { person } = await start('free=1000/2', { ports: { models: endless() } })
    const leave = new AbortController()
    const open = () => person.request('/v1/chat/completions', { method: 'POST', json: chat(), signal: leave.signal })
    const streams = [await open(), await open()]
    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    expect(streams[0]?.headers.get('x-ratelimit-limit')).toBe('1000')
    const third = await open()
    expect(third.status).toBe(429)
    // As OpenAI's clients expect it.
    const { error } = (await third.json()) as { error: Record<string, unknown> }
    expect(error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null })
    expect(error['message']).toContain('2 requests under way already')
    leave.abort()
    await expect.poll(async () => (await person.request('/api/v1/me')).status).toBe(200)
  })

  it('says on a stream of events, too, what is left', async () => {
    const { person } = await start('free=50/5', {
      ports: { models: createScriptedLanguageModels({ deltas: ['Yes.'] }) },
    })
    const made = (await (await person.request('/api/v1/conversations', { method: 'POST', json: {} })).json()) as {
      id: string
    }
    const answer = await person.request(`/api/v1/conversations/${made.id}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'Hello?' },
    })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(headersOf(answer).slice(0, 2)).toEqual([50, 48])
    await answer.text()
  })

  it.each([
    ['its key is revoked', `UPDATE api_keys SET revoked_at = now()`],
    ['the person behind it is made a viewer', `UPDATE memberships SET role = 'viewer'`],
    ['the person behind it is suspended', `UPDATE users SET suspended_at = now()`],
  ])('ends an answer of /v1 in the middle when %s', async (_, statement) => {
    const { person } = await start('free=1000/20', { ports: { models: endless() } })
    const open = (stream: boolean) => person.request('/v1/chat/completions', { method: 'POST', json: chat(stream) })
    const whole = open(false)
    const stream = await open(true)
    expect(stream.status).toBe(200)
    await backend!.ports.connection.query(statement)
    await expect(stream.text()).rejects.toThrow()
    expect((await whole).status).toBe(401)
  })

  it('listens no more to an address that tries many keys, whatever it says that its address is', async () => {
    const { person, request } = await start('refusals=5')
    const guess = (more: Record<string, string> = {}) =>
      fetch(`${backend!.url}/api/v1/me`, {
        headers: { authorization: `Bearer nk_live_${randomUUID()}`, ...more },
      })
    const answers = []
    for (let tries = 0; tries < 8; tries++) answers.push(await guess({ 'x-forwarded-for': `192.0.2.${tries}` }))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await request('/api/v1/me')).status).toBe(200)
    expect((await fetch(`${backend!.url}/health/live`)).status).toBe(200)
    expect((await person.request('/api/v1/me')).status).toBe(429)
  })
})

if (spawnSync('redis-server', ['--version']).status !== 0)
  describe.skip('limits that replicas share: skipped, because redis-server is not installed', () =>
    it('skipped', () => {}))
else {
  describe('limits that replicas share', () => {
    const meters = [{ name: 'key:a', atMost: 20, windowSeconds: 3_600, atOnce: 8 }]
    const cleanUps: (() => unknown)[] = []
    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
    })

    async function connectTo(url: string) {
      const memory = guardWorkingMemory(createRedisWorkingMemory({ url, onTrouble() {} }), {
        timeoutMs: 2_000,
        restMs: 50,
      })
      cleanUps.push(() => memory.close())
      await reached(memory)
      const take = createMetering({ shared: memory, local: createInProcessWorkingMemory(), log: silentLog })
      return { memory, take }
    }
    const reached = (memory: WorkingMemory) =>
      expect.poll(() => memory.check().then(String, () => 'away'), { timeout: 20_000 }).not.toBe('away')

    it('let in together no more than one would, and count again after Redis was away', async () => {
      const first = await startRedis()
      cleanUps.push(() => first.kill())
      const [one, other] = [await connectTo(first.url), await connectTo(first.url)]
      const workspace = randomUUID()
      const ask = (take: Metering, lease = randomUUID()) => take(workspace, meters, lease)
      const isIn = ({ refused }: Metered) => refused === undefined
      const both = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(at % 2 ? one.take : other.take)))
      expect(both.filter(isIn)).toHaveLength(8)
      expect(both.filter(({ refused }) => refused?.by === 'at-once')).toHaveLength(42)

      first.kill()
      await expect.poll(() => one.memory.check().then(String, () => 'away')).toBe('away')
      const alone = await Promise.all(Array.from({ length: 50 }, () => ask(one.take)))
      // A quarter of 20 an hour, and of 8 at once.
      expect(alone.filter(isIn)).toHaveLength(2)
      expect(alone.every(({ memory }) => memory !== one.memory)).toBe(true)

      const again = await startRedis(first.port)
      cleanUps.push(() => again.kill())
      await Promise.all([reached(one.memory), reached(other.memory)])
      await expect.poll(async () => (await ask(one.take)).memory === one.memory).toBe(true)
      const leases = Array.from({ length: 30 }, () => randomUUID())
      let granted = 1
      for (const lease of leases) {
        const taken = await ask(other.take, lease)
        if (isIn(taken)) granted++
        await taken.memory.release(workspace, ['key:a'], lease)
      }
      expect(granted).toBe(20)
    })
  })
}

async function startRedis(wanted?: number) {
  const port = wanted ?? (await freePort())
  const options = ['--bind', '127.0.0.1', '--port', `${port}`, '--save', '', '--appendonly', 'no', '--dir', tmpdir()]
  const child = spawn('redis-server', options, { stdio: 'ignore' })
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isUp) break
    await sleep(20)
  }
  return { url: `redis://127.0.0.1:${port}`, port, kill: () => void child.kill('SIGKILL') }
}
