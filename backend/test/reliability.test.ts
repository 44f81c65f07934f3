import { randomUUID } from 'node:crypto'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { Reliability } from '@nitroagi/shared/reliability'
import type { ConfidenceData } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'

let backend: TestBackend
let ada: Person
beforeAll(async () => {
  backend = await startBackend()
  ada = await backend.createPerson()
})
afterAll(() => backend?.close())

const curveFor = async (person: Person) =>
  Reliability.parse(await (await person.request('/api/v1/modules/reliability')).json())
const confidenceOf = (chunks: Awaited<ReturnType<Person['ask']>>['chunks']) =>
  chunks.find((chunk) => chunk.type === 'data-confidence')?.data as ConfidenceData

/** Answers as they are stored after somebody has rated them, without asking for each. */
async function rated(person: Person, count: number, confidence: number, goodCount: number) {
  const { connection } = backend.ports
  const created = await person.request('/api/v1/conversations', { method: 'POST', json: {} })
  const { id: conversationId } = (await created.json()) as { id: string }
  for (let index = 0; index < count; index++) {
    const [runId, messageId] = [randomUUID(), randomUUID()]
    await connection.query(
      `INSERT INTO messages (workspace_id, id, conversation_id, role, run_id) VALUES ($1, $2, $3, 'assistant', $4)`,
      [person.workspaceId, messageId, conversationId, runId],
    )
    await connection.query(
      `INSERT INTO runs (workspace_id, id, conversation_id, owner_id, user_message_id, message_id, status, request_hash, confidence)
       VALUES ($1, $2, $3, $4, $5, $5, 'completed', '-', $6)`,
      [person.workspaceId, runId, conversationId, person.userId, messageId, confidence],
    )
    const rating = index < goodCount ? 'up' : 'down'
    await person.request(`/api/v1/messages/${messageId}/feedback`, { method: 'PUT', json: { rating } })
  }
}

it('shows nothing before anything was rated', async () => {
  expect(await curveFor(ada)).toEqual({
    ratedAnswers: 0,
    neededAnswers: 30,
    isCalibrated: false,
    bins: [],
    brier: null,
    expectedCalibrationError: null,
  })
})

it('keeps the confidence of an answer with its parts, in the message and for the curve', async () => {
  const { conversationId, chunks } = await ada.ask('What is 17% of 2,340?')
  const told = confidenceOf(chunks)
  expect(told).toMatchObject({ value: 1, parts: [{ name: 'calculation', value: 1 }], calibration: null })
  const detail = (await (await ada.request(`/api/v1/conversations/${conversationId}`)).json()) as ConversationDetail
  const answer = detail.messages.at(-1)!
  expect(answer.parts.find((part) => part.type === 'data-confidence')).toMatchObject({ data: told })
  await ada.request(`/api/v1/messages/${answer.id}/feedback`, { method: 'PUT', json: { rating: 'up' } })
  const { ratedAnswers, bins, brier } = await curveFor(ada)
  expect([ratedAnswers, brier]).toEqual([1, 0])
  expect(bins.at(-1)).toEqual({ from: 0.9, to: 1, answers: 1, stated: 1, good: 1 })
  expect(bins).toHaveLength(10)
})

it('measures nothing of a refusal', async () => {
  const { chunks } = await ada.ask('Who painted the ceiling of the opera in Manaus?')
  expect(confidenceOf(chunks)).toMatchObject({ value: null, parts: [] })
})

it('corrects what is stated by what people said, once 30 answers were rated', async () => {
  const grace = await backend.createPerson()
  await rated(grace, 40, 0.95, 20)
  const { chunks } = await grace.ask('What is 3 * 3?')
  const { value, calibration } = confidenceOf(chunks)
  expect(calibration).toMatchObject({ raw: 1, ratedAnswers: 40 })
  expect(value).toBeCloseTo(0.64, 2)
  const curve = await curveFor(grace)
  expect(curve).toMatchObject({ ratedAnswers: 40, isCalibrated: true, expectedCalibrationError: 0.45 })
  expect(curve.bins.at(-1)).toMatchObject({ answers: 40, good: 0.5 })
})

it('knows nothing of other workspaces and is for those only who look after theirs', async () => {
  const stranger = await backend.createPerson()
  expect((await curveFor(stranger)).ratedAnswers).toBe(0)
  const member = await backend.createPerson()
  await backend.ports.connection.query(`UPDATE memberships SET role = 'member' WHERE user_id = $1`, [member.userId])
  expect((await member.request('/api/v1/modules/reliability')).status).toBe(403)
  expect((await fetch(`${backend.url}/api/v1/modules/reliability`)).status).toBe(401)
})
