import { afterAll, beforeAll, expect, it } from 'vitest'
import { eachDatabase } from '../../../test/test-database.ts'
import { silentLog } from '../../log.ts'
import type { Connection } from '../database/connection.ts'
import { createPgBossJobQueue } from './pg-boss.ts'
import type { JobQueue } from './port.ts'

eachDatabase((_name, database) => {
  let connection: Connection
  let jobs: JobQueue
  const done: string[] = []
  const tries: number[] = []
  const dead: object[] = []
  const held: { release: (() => void)[] } = { release: [] }

  beforeAll(async () => {
    connection = await database.open()
    jobs = createPgBossJobQueue({ connection, log: silentLog })
    const options = { concurrency: 2, maxAttempts: 3, leaseSeconds: 15 }
    jobs.handle<{ name: string }>('simple', options, async ({ name }) => void done.push(name))
    jobs.handle(
      'broken',
      { ...options, maxAttempts: 2, onDead: async (payload) => void dead.push(payload) },
      async (_payload, job) => {
        tries.push(job.attempt)
        throw new Error('broken on purpose')
      },
    )
    jobs.handle<{ name: string }>('slow', options, async ({ name }) => {
      await new Promise<void>((resolve) => void held.release.push(resolve))
      done.push(name)
    })
    jobs.handle('cut', options, async (_payload, job) => {
      tries.push(job.attempt)
      await new Promise((_resolve, reject) =>
        job.signal.addEventListener('abort', () => reject(job.signal.reason as Error)),
      )
    })
    await jobs.start()
  })
  afterAll(async () => {
    await jobs.stop(1_000)
    await connection.close()
  })

  it('does what is sent', async () => {
    await jobs.send('simple', { name: 'first' })
    await jobs.send('simple', { name: 'second' })
    await expect.poll(() => done.toSorted(), { timeout: 10_000 }).toEqual(['first', 'second'])
    await jobs.check()
  })

  it('tries a job that fails again, then tells that it is dead, and goes on with others', async () => {
    await jobs.send('broken', { id: 7 })
    await expect.poll(() => dead, { timeout: 20_000 }).toEqual([{ id: 7 }])
    expect(tries.splice(0)).toEqual([1, 2])
    await jobs.send('simple', { name: 'after the broken one' })
    await expect.poll(() => done, { timeout: 10_000 }).toContain('after the broken one')
  })

  it('has one job of a key at a time, and does what is wanted meanwhile once after it', async () => {
    const send = (name: string) => jobs.send('slow', { name }, { key: 'same' })
    await send('a')
    await expect.poll(() => held.release.length, { timeout: 10_000 }).toBe(1)
    await send('b')
    await send('c')
    await jobs.send('simple', { name: 'beside' })
    await expect.poll(() => done, { timeout: 10_000 }).toContain('beside')
    expect(held.release).toHaveLength(1)
    held.release.pop()!()
    await expect.poll(() => held.release.length, { timeout: 10_000 }).toBe(1)
    held.release.pop()!()
    await expect.poll(() => done, { timeout: 10_000 }).toContain('c')
    expect(done).toContain('a')
    expect(done).not.toContain('b')
    await send('d')
    await expect.poll(() => held.release.length, { timeout: 10_000 }).toBe(1)
    held.release.pop()!()
    await expect.poll(() => done, { timeout: 10_000 }).toContain('d')
  })

  it('goes through many that wait without a rest between them', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, at) => jobs.send('simple', { name: `many ${at}` })))
    // With a rest of three seconds after each it would take a minute.
    await expect.poll(() => done.filter((name) => name.startsWith('many')), { timeout: 20_000 }).toHaveLength(40)
  })

  it('cuts what runs when it must stop, and does it again after the next start', async () => {
    await jobs.send('cut', {})
    await expect.poll(() => tries, { timeout: 10_000 }).toEqual([1])
    await jobs.stop(100)
    const again: number[] = []
    jobs.handle(
      'cut',
      { concurrency: 1, maxAttempts: 3, leaseSeconds: 15 },
      async (_payload, job) => void again.push(job.attempt),
    )
    await jobs.start()
    await expect.poll(() => again, { timeout: 20_000 }).toEqual([2])
  })

  it('does by itself what is due, again and again, and each time in one process of several', async () => {
    const often: number[] = []
    const options = { concurrency: 1, maxAttempts: 1, leaseSeconds: 15 }
    const processes = [0, 1].map((process) => {
      const queue = createPgBossJobQueue({ connection, log: silentLog })
      queue.handle('daily', { ...options, everySeconds: 24 * 60 * 60 }, async () => {})
      queue.handle('often', { ...options, everySeconds: 1 }, async () => void often.push(process))
      return queue
    })
    for (const queue of processes) await queue.start()
    await expect.poll(() => often.length, { timeout: 20_000 }).toBeGreaterThan(2)
    for (const queue of processes) await queue.stop(1_000)
    expect(await connection.query(`SELECT 1 FROM pgboss.job WHERE name = 'daily'`)).toHaveLength(1)
    const done = await connection.query(`SELECT DISTINCT singleton_on FROM pgboss.job WHERE name = 'often'`)
    expect(await connection.query(`SELECT 1 FROM pgboss.job WHERE name = 'often'`)).toHaveLength(done.length)
  })
})
