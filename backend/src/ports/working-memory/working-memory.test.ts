import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noteOf, workingMemoryContract } from './contract.ts'
import { guardWorkingMemory } from './guarded.ts'
import { createInProcessWorkingMemory } from './in-process.ts'
import type { WorkingMemory } from './port.ts'
import { createRedisWorkingMemory } from './redis.ts'
import { startUpstashServer, upstashToken } from './upstash-server.ts'
import { createUpstashWorkingMemory } from './upstash.ts'

const redisUrl = process.env['TEST_REDIS_URL']
const here = { workspaceId: 'w', conversationId: 'c' }

describe('in process', () => {
  const memory = createInProcessWorkingMemory()
  workingMemoryContract(() => memory)

  it('lets a conversation fade after a day, and no day sooner', async () => {
    let now = 0
    const fading = createInProcessWorkingMemory({ now: () => now })
    await fading.remember(here, [noteOf('a')])
    now = 23 * 3_600_000
    await fading.remember(here, [noteOf('b')])
    now += 23 * 3_600_000
    expect((await fading.recall(here)).notes).toHaveLength(2)
    now += 2 * 3_600_000
    expect((await fading.recall(here)).notes).toEqual([])
  })
})

it('holds ten thousand values in process, and of more forgets the one that was put longest ago', async () => {
  const memory = createInProcessWorkingMemory()
  const put = (name: string) => memory.cache('w', name, 'held', 60)
  await put('first')
  await put('second')
  for (let name = 2; name < 10_000; name++) await put(`other ${name}`)
  await put('first')
  expect(await memory.cached('w', 'second')).toBe('held')
  await put('one more')
  expect([await memory.cached('w', 'first'), await memory.cached('w', 'second')]).toEqual(['held', undefined])
})

describe('meters', () => {
  const meter = { name: 'requests', atMost: 100, windowSeconds: 3_600, atOnce: 5 }

  it('hold what they hold in any hour, wherever it begins', async () => {
    let now = 1_700_000_000_000
    const memory = createInProcessWorkingMemory({ now: () => now })
    const granted: number[] = []
    for (; now < 1_700_000_000_000 + 4 * 3_600_000; now += 7_919) {
      const { refused } = await memory.take('w', [{ ...meter, atOnce: null }], 'lease')
      if (!refused) granted.push(now)
    }
    const most = Math.max(...granted.map((from) => granted.filter((at) => at >= from && at < from + 3_600_000).length))
    expect(most).toBe(100)
    expect(granted.length).toBeGreaterThan(350)
  })

  it('give a place up when its holder says nothing more, and keep it for one that does', async () => {
    let now = 0
    const memory = createInProcessWorkingMemory({ now: () => now })
    const isRefused = async () => (await memory.take('w', [{ ...meter, atOnce: 2 }], 'c')).refused !== undefined
    for (const lease of ['a', 'b']) await memory.take('w', [meter], lease)
    now = 60_000
    await memory.hold('w', ['requests'], 'a')
    now = 89_000
    expect(await isRefused()).toBe(true)
    now = 91_000
    expect(await isRefused()).toBe(false)
    expect(await isRefused()).toBe(true)
  })
})

if (!redisUrl)
  describe.skip('redis and upstash: skipped, because TEST_REDIS_URL is not set', () => it('skipped', () => {}))
else {
  describe('redis', () => {
    let memory: WorkingMemory
    beforeAll(async () => {
      memory = createRedisWorkingMemory({ url: redisUrl, onTrouble: () => {} })
      await connected(memory)
    })
    afterAll(() => memory.close())
    workingMemoryContract(() => memory)
  })

  describe('upstash', () => {
    let server: Awaited<ReturnType<typeof startUpstashServer>>
    let memory: WorkingMemory
    beforeAll(async () => {
      server = await startUpstashServer(redisUrl)
      memory = createUpstashWorkingMemory({ url: server.url, token: upstashToken, timeoutMs: 5_000 })
    })
    afterAll(async () => {
      await memory.close()
      await server.close()
    })
    workingMemoryContract(() => memory)

    it('asks once to recall and once to note', async () => {
      server.requests.length = 0
      await memory.recall(here)
      await memory.remember(here, [noteOf('a')])
      expect(server.requests).toEqual(['/', '/multi-exec'])
      await memory.forget(here)
    })

    it('does not take a refused token for an answer', async () => {
      const stranger = createUpstashWorkingMemory({ url: server.url, token: 'wrong', timeoutMs: 5_000 })
      await expect(stranger.recall(here)).rejects.toThrow('WRONGPASS')
    })
  })
}

describe('a memory elsewhere that does not answer', () => {
  const silent = createServer()
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    silent.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const port = () => (silent.address() as AddressInfo).port

  it.each([
    ['redis', () => createRedisWorkingMemory({ url: `redis://127.0.0.1:${port()}`, onTrouble: () => {} })],
    ['upstash', () => createUpstashWorkingMemory({ url: `http://127.0.0.1:${port()}`, token: 'x', timeoutMs: 200 })],
  ])('is given up on (%s)', async (_, open) => {
    const memory = guardWorkingMemory(open())
    await expect(memory.recall(here)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(memory.subscribe('w', 'news', () => {})).rejects.toMatchObject({ code: 'unavailable' })
    await memory.close()
  })

  it('is complained of once, however often it is tried', async () => {
    let tried = 0
    const closing = createServer((socket) => {
      tried++
      socket.destroy()
    })
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
    const troubles: Error[] = []
    const url = `redis://127.0.0.1:${(closing.address() as AddressInfo).port}`
    const memory = createRedisWorkingMemory({ url, onTrouble: (error) => troubles.push(error) })
    await expect.poll(() => tried, { timeout: 20_000 }).toBeGreaterThan(2)
    await expect(memory.check()).rejects.toThrow('There is no connection to Redis')
    expect(troubles).toHaveLength(1)
    await memory.close()
    closing.close()
  })

  it('is left alone after three failures, and tried by one alone when it has rested', async () => {
    let now = 0
    let asked = 0
    let isBack = false
    const { recall, ...rest } = createInProcessWorkingMemory()
    const flaky: WorkingMemory = {
      ...rest,
      recall: async (scope) => {
        asked++
        return isBack ? recall(scope) : new Promise(() => {})
      },
    }
    const memory = guardWorkingMemory(flaky, { timeoutMs: 5, restMs: 1_000, now: () => now })
    const ask = () =>
      memory.recall(here).then(
        () => 'answered',
        () => 'refused',
      )
    for (let times = 0; times < 10; times++) await ask()
    expect(asked).toBe(3)
    now = 1_000
    await Promise.all([ask(), ask(), ask()])
    expect(asked).toBe(4)
    isBack = true
    now = 2_000
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['answered', 'refused', 'refused'])
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['answered', 'answered', 'answered'])
  })
})

/** The connection is made in the background. */
async function connected(memory: WorkingMemory): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return void (await memory.check())
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
