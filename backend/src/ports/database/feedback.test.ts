import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createPerson } from '../../../test/test-call.ts'
import { eachDatabase } from '../../../test/test-database.ts'
import type { Call } from '../../call.ts'
import { createFeedback } from '../../services/feedback.ts'
import type { Connection } from './connection.ts'
import { createConversationsRepository } from './conversations.ts'
import { createFeedbackRepository } from './feedback.ts'

eachDatabase((_name, database) => {
  let connection: Connection
  let ada: Call
  let conversationId: string
  let question: string
  let answer: string
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())
  beforeEach(async () => {
    ada = await createPerson(connection)
    conversationId = (await createConversationsRepository(connection).create(ada, 'Lamps')).id
    question = await store('user')
    answer = await store('assistant')
  })

  const feedback = () => createFeedback({ repository: createFeedbackRepository(connection) })
  const shown = async () => {
    const detail = await createConversationsRepository(connection).find(ada, conversationId)
    return detail?.messages.map((message) => message.feedback)
  }
  async function store(role: string) {
    // Two of them may be stored in one tick of the database's clock.
    const [row] = await connection.query<{ id: string }>(
      `INSERT INTO messages (workspace_id, conversation_id, role, created_at)
       VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4)) RETURNING id`,
      [ada.actor.workspaceId, conversationId, role, role === 'user' ? 0 : 1],
    )
    return row!.id
  }
  const count = async () =>
    (await connection.query('SELECT 1 FROM message_feedback WHERE workspace_id = $1', [ada.actor.workspaceId])).length

  it('is shown with the answer it was given to, the last word only, and goes when it is taken back', async () => {
    expect(await shown()).toEqual([null, null])
    await feedback().give(ada, answer, { rating: 'up' })
    const given = await feedback().give(ada, answer, {
      rating: 'down',
      reason: 'wrong',
      correction: 'It has 88 steps.',
    })
    expect(given).toMatchObject({ rating: 'down', reason: 'wrong', correction: 'It has 88 steps.' })
    expect(await shown()).toEqual([null, given])
    expect(await count()).toBe(1)
    expect(await feedback().give(ada, answer, { rating: 'up' })).toMatchObject({ reason: null, correction: null })
    await feedback().takeBack(ada, answer)
    await feedback().takeBack(ada, answer)
    expect(await shown()).toEqual([null, null])
  })

  it('is taken on answers only', async () => {
    const refused = expect.objectContaining({ code: 'invalid_input' })
    await expect(feedback().give(ada, question, { rating: 'up' })).rejects.toEqual(refused)
    await expect(feedback().takeBack(ada, question)).rejects.toEqual(refused)
    expect(await count()).toBe(0)
  })

  it('finds no answer of anybody else, be they strangers or in the same workspace', async () => {
    const stranger = await createPerson(connection)
    const [row] = await connection.query<{ id: string }>(
      `WITH u AS (INSERT INTO users (email, password_hash) VALUES ($2, 'none') RETURNING id)
       INSERT INTO memberships (workspace_id, user_id, role) SELECT $1, id, 'admin' FROM u RETURNING user_id AS id`,
      [ada.actor.workspaceId, `${randomUUID()}@example.com`],
    )
    const colleague: Call = { ...ada, actor: { ...ada.actor, userId: row!.id } }
    await feedback().give(ada, answer, { rating: 'up' })
    for (const other of [stranger, colleague]) {
      const missing = expect.objectContaining({ code: 'not_found' })
      await expect(feedback().give(other, answer, { rating: 'down' })).rejects.toEqual(missing)
      await expect(feedback().takeBack(other, answer)).rejects.toEqual(missing)
    }
    await expect(feedback().give(ada, randomUUID(), { rating: 'up' })).rejects.toMatchObject({ code: 'not_found' })
    expect(await shown()).toMatchObject([null, { rating: 'up' }])
  })

  it('goes with its conversation', async () => {
    await feedback().give(ada, answer, { rating: 'up' })
    await createConversationsRepository(connection).delete(ada, conversationId)
    expect(await count()).toBe(0)
  })
})
