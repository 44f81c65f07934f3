import { randomBytes } from 'node:crypto'
import { NitroError } from '@nitroagi/shared/errors'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { eachDatabase } from '../../test/test-database.ts'
import { createEncryption } from '../identity/encryption.ts'
import { silentLog, type Log } from '../log.ts'
import type { Connection } from '../ports/database/connection.ts'
import { createPgBossJobQueue } from '../ports/job-queue/pg-boss.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import { createNoMail } from '../ports/mail/none.ts'
import type { Letter, Mail } from '../ports/mail/port.ts'
import { queueLetters } from './letters.ts'

const letter = { to: 'ada@example.com', subject: 'A link', text: 'https://example.org/reset-password#the-token\n' }
const patience = { timeout: 30_000 }

eachDatabase((_name, database) => {
  let connection: Connection
  let jobs: JobQueue
  let queued: Mail
  let refusals: number
  const delivered: Letter[] = []
  const told: unknown[] = []
  const log: Log = {
    ...silentLog,
    warn: (event, fields) => void told.push([event, fields]),
    error: (event, fields) => void told.push([event, fields]),
  }
  const server: Mail = {
    isConfigured: true,
    async send(given) {
      if (refusals-- > 0) throw new NitroError('unavailable', 'The mail server did not take the letter (451)')
      delivered.push(given)
    },
  }

  beforeEach(async () => {
    connection ??= await database.open()
    jobs = createPgBossJobQueue({ connection, log })
    queued = queueLetters({
      mail: server,
      jobs,
      encryption: createEncryption([randomBytes(32).toString('hex')]),
      log,
      pauses: { firstSeconds: 1, longestSeconds: 2 },
      maxAttempts: 3,
    })
    refusals = 0
    delivered.length = 0
    told.length = 0
    await jobs.start()
  }, 120_000)
  afterEach(() => jobs.stop(1_000))
  afterAll(() => connection.close())

  const stored = async () =>
    JSON.stringify(await connection.query(`SELECT data, output FROM pgboss.job WHERE name = 'send-letter'`))

  it('is delivered in the end, and stands nowhere in the clear until then', { timeout: 120_000 }, async () => {
    refusals = 2
    await queued.send({ ...letter, goodUntil: new Date(Date.now() + 60_000).toISOString() })
    expect(delivered).toEqual([])
    await expect.poll(() => delivered, patience).toEqual([letter])
    const rows = await stored()
    expect(rows).toContain('v1.')
    for (const word of ['ada@', 'the-token', 'A link']) expect(rows + JSON.stringify(told)).not.toContain(word)
  })

  it(
    'is given up after so many tries, and the log says so without saying whose it was',
    { timeout: 120_000 },
    async () => {
      refusals = 3
      await queued.send(letter)
      const last = () => told.at(-1)
      await expect
        .poll(last, patience)
        .toEqual(['letter-given-up', { error: expect.objectContaining({ code: 'unavailable' }) }])
      expect(delivered).toEqual([])
      expect(JSON.stringify(told)).not.toContain('ada')
    },
  )

  it('is not sent any more when its link has expired', { timeout: 120_000 }, async () => {
    await queued.send({ ...letter, goodUntil: new Date(Date.now() - 1).toISOString() })
    await expect.poll(() => told, patience).toEqual([['letter-too-late', undefined]])
    expect(delivered).toEqual([])
  })

  it('is posted with the change that it tells of, or not at all', { timeout: 120_000 }, async () => {
    const change = (text: string, fails: boolean) =>
      connection.together(async () => {
        await connection.system.query(`INSERT INTO workspaces (name) VALUES ('changed')`)
        await queued.send({ ...letter, text })
        if (fails) throw new Error('cut')
      })
    await expect(change('lost', true)).rejects.toThrow('cut')
    await change('kept', false)
    await expect.poll(() => delivered.map(({ text }) => text), patience).toEqual(['kept'])
    expect(await connection.query(`SELECT FROM workspaces WHERE name = 'changed'`)).toHaveLength(1)
  })
})

it('is refused at once where no mail server is set up', () => {
  const jobs = { handle: () => expect.unreachable(), send: () => expect.unreachable() }
  const encryption = createEncryption([randomBytes(32).toString('hex')])
  expect(queueLetters({ mail: createNoMail(), jobs, encryption, log: silentLog }).isConfigured).toBe(false)
})
