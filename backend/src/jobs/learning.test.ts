import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPerson } from '../../test/test-call.ts'
import { eachDatabase } from '../../test/test-database.ts'
import type { Call } from '../call.ts'
import { silentLog } from '../log.ts'
import { createAuditRepository } from '../ports/database/audit.ts'
import type { Connection } from '../ports/database/connection.ts'
import { createLearningRepository } from '../ports/database/learning.ts'
import { createPgBossJobQueue } from '../ports/job-queue/pg-boss.ts'
import { createAudit } from '../services/audit.ts'
import { createLearning } from '../services/learning.ts'
import { registerLearning } from './learning.ts'

const starting = { capability: 0.3, success: 0.3, capacity: 0.2, health: 0.2 }

eachDatabase((_name, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())

  const learningFrom = (now?: () => number) =>
    createLearning({ repository: createLearningRepository(connection), audit: auditOf(), ...(now ? { now } : {}) })
  const auditOf = () => createAudit({ repository: createAuditRepository(connection), log: silentLog })

  interface Answer {
    strategy?: string
    kind?: string
    rating?: 'up' | 'down'
    reason?: string
    ageDays?: number
    choice?: object
  }

  /** An answer as a run leaves it, with a thumb. */
  async function answered({ actor }: Call, { strategy = 'sequential', kind = 'lookup', ...more }: Answer) {
    const { workspaceId, userId } = actor
    const [conversation, message, run] = [randomUUID(), randomUUID(), randomUUID()]
    const { query } = connection
    await query(`INSERT INTO conversations (workspace_id, id, owner_id) VALUES ($1, $2, $3)`, [
      workspaceId,
      conversation,
      userId,
    ])
    await query(
      `INSERT INTO messages (workspace_id, id, conversation_id, role, run_id) VALUES ($1, $2, $3, 'assistant', $4)`,
      [workspaceId, message, conversation, run],
    )
    const selection = JSON.stringify({ parts: { capability: 1, success: null, capacity: 1, health: 1 } })
    await query(
      `INSERT INTO answer_choices (workspace_id, run_id, message_id, kind, module, model, strategy, selection, choice)
       VALUES ($1, $2, $3, $4, 'language', 'm', $5, $6::jsonb, $7::jsonb)`,
      [workspaceId, run, message, kind, strategy, selection, more.choice ? JSON.stringify(more.choice) : null],
    )
    if (!more.rating) return conversation
    await query(
      `INSERT INTO message_feedback (workspace_id, message_id, user_id, rating, reason, updated_at)
       VALUES ($1, $2, $3, $4, $5, now() - make_interval(days => $6))`,
      [workspaceId, message, userId, more.rating, more.reason ?? null, more.ageDays ?? 0],
    )
    return conversation
  }

  it('learns by itself, each workspace from its own thumbs, and leaves those alone that have none or do not want it', async () => {
    const [rated, unrated, unwilling] = [
      await createPerson(connection),
      await createPerson(connection),
      await createPerson(connection),
    ]
    for (const person of [rated, unwilling]) {
      await answered(person, { rating: 'up' })
      await answered(person, { rating: 'down', reason: 'wrong' })
      await answered(person, { rating: 'up', ageDays: 91 })
    }
    await answered(unrated, {})
    const learning = learningFrom()
    await learning.set(unwilling, { isOn: false })
    const jobs = createPgBossJobQueue({ connection, log: silentLog })
    registerLearning({ learning, jobs, log: silentLog })
    await jobs.start()
    await expect
      .poll(async () => (await learning.read(rated)).report, { timeout: 20_000 })
      .toMatchObject({
        ratedAnswers: 2,
        up: 1,
        arms: [{ kind: 'lookup', module: 'language', model: 'm', strategy: 'sequential', rated: 2, up: 1 }],
      })
    await jobs.stop(5_000)
    expect((await learning.read(rated)).versions).toMatchObject([{ version: 1, madeBy: 'job', ratedAnswers: 2 }])
    expect((await learning.read(unrated)).versions).toEqual([])
    expect((await learning.read(unwilling)).versions).toEqual([])
  })

  it('keeps the last thirty versions, and numbers go on', async () => {
    const person = await createPerson(connection)
    const learning = learningFrom()
    for (let round = 0; round < 32; round++) await learning.run(person)
    const { versions, version } = await learning.read(person)
    expect(version).toBe(32)
    expect(versions.map((one) => one.version)).toEqual(Array.from({ length: 30 }, (_, index) => 32 - index))
    expect(versions[0]).toMatchObject({ madeBy: 'person', weights: starting })
  })

  it('gives each of several who learn at once a version of their own', async () => {
    const person = await createPerson(connection)
    const learning = learningFrom()
    await Promise.all([learning.run(person), learning.run(person), learning.run(person)])
    expect((await learning.read(person)).versions.map(({ version }) => version)).toEqual([3, 2, 1])
  })

  it('is switched off for every process within seconds, and at once where it was switched', async () => {
    const person = await createPerson(connection)
    for (let answer = 0; answer < 12; answer++) await answered(person, { strategy: 'conditional', rating: 'up' })
    let clock = Date.now()
    const here = learningFrom(() => clock)
    const there = learningFrom(() => clock)
    await here.run(person)
    expect((await here.policy(person)).version).toBe(1)
    expect((await there.policy(person)).arms).toMatchObject([{ strategy: 'conditional', up: 12, down: 0, rated: 12 }])
    await here.set(person, { isOn: false })
    expect(await here.policy(person)).toEqual({ version: null, weights: starting, arms: [] })
    clock += 5_000
    expect((await there.policy(person)).version).toBeNull()
    await there.set(person, { isOn: true })
    expect((await there.policy(person)).version).toBe(1)
  })

  it('forgets what was rated with the conversation that it was said in', async () => {
    const person = await createPerson(connection)
    const conversation = await answered(person, { rating: 'up' })
    const learning = learningFrom()
    expect((await learning.run(person)).report?.ratedAnswers).toBe(1)
    await connection.query(`DELETE FROM conversations WHERE workspace_id = $1 AND id = $2`, [
      person.actor.workspaceId,
      conversation,
    ])
    expect((await learning.run(person)).report?.ratedAnswers).toBe(0)
    const [left] = await connection.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM answer_choices WHERE workspace_id = $1`,
      [person.actor.workspaceId],
    )
    expect(left?.count).toBe(0)
  })

  it('measures a module by the steps that were stored, newest first, of the caller’s workspace', async () => {
    const [one, other] = [await createPerson(connection), await createPerson(connection)]
    for (const [index, status] of ['completed', 'failed', 'stopped'].entries()) {
      await connection.query(
        `INSERT INTO module_metrics (workspace_id, run_id, module, strategy, status, duration_ms, error_code, created_at)
         VALUES ($1, $2, 'language', 'sequential', $3, 1, $4, now() - make_interval(mins => $5))`,
        [one.actor.workspaceId, randomUUID(), status, status === 'failed' ? 'model_failed' : null, 10 - index],
      )
    }
    const learning = learningFrom()
    expect(await learning.endedSteps(one)).toMatchObject([
      { module: 'language', status: 'failed', errorCode: 'model_failed' },
      { module: 'language', status: 'completed', errorCode: null },
    ])
    expect(await learning.endedSteps(other)).toEqual([])
  })

  it('answers by the rules while the policy cannot be read', async () => {
    const repository = { ...createLearningRepository(connection), current: () => Promise.reject(new Error('away')) }
    const learning = createLearning({ repository, audit: auditOf() })
    expect(await learning.policy(await createPerson(connection))).toMatchObject({ version: null, weights: starting })
  })

  it('goes away with its workspace', async () => {
    const person = await createPerson(connection)
    const learning = learningFrom()
    await learning.set(person, { isOn: true })
    await learning.run(person)
    await connection.query(`DELETE FROM workspaces WHERE id = $1`, [person.actor.workspaceId])
    expect((await learning.read(person)).versions).toEqual([])
  })
})
