import type { ConversationDetail } from '@nitroagi/shared/conversations'
import type { ErrorEnvelope } from '@nitroagi/shared/errors'
import { Learning } from '@nitroagi/shared/learning'
import type { NitroChunk } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chunksIn, startBackend, type Person, type TestBackend } from './test-backend.ts'

let backend: TestBackend
let ada: Person
beforeAll(async () => {
  backend = await startBackend()
  ada = await backend.createPerson()
})
afterAll(() => backend?.close())

const read = async (person = ada) => Learning.parse(await (await person.request('/api/v1/learning')).json())
const run = async (person = ada) =>
  Learning.parse(await (await person.request('/api/v1/learning/run', { method: 'POST' })).json())
const set = (json: unknown, person = ada) => person.request('/api/v1/learning', { method: 'PUT', json })
const codeOf = async (response: Response) => ((await response.json()) as ErrorEnvelope).error.code

const planIn = (chunks: NitroChunk[]) => chunks.find((chunk) => chunk.type === 'data-plan')!.data

async function ask(text: string, strategy: string, person = ada): Promise<NitroChunk[]> {
  const { id } = (await (
    await person.request('/api/v1/conversations', { method: 'POST', json: {} })
  ).json()) as ConversationDetail
  const response = await person.request(`/api/v1/conversations/${id}/messages`, {
    method: 'POST',
    headers: { accept: 'text/event-stream' },
    json: { text, options: { strategy } },
  })
  return chunksIn(await response.text())
}

async function askAndRate(question: string, rating: 'up' | 'down', strategy = 'auto', person = ada): Promise<void> {
  const chunks = await ask(question, strategy, person)
  const { messageId } = chunks.find((chunk) => chunk.type === 'data-run')!.data
  const given = await person.request(`/api/v1/messages/${messageId}/feedback`, { method: 'PUT', json: { rating } })
  expect(given.status).toBe(200)
}

it('begins with the starting weights, and with nothing rated learns nothing and says so', async () => {
  const first = await read()
  expect(first).toMatchObject({ isOn: true, version: null, report: null, versions: [] })
  expect(first.weights).toEqual({ capability: 0.3, success: 0.3, capacity: 0.2, health: 0.2 })
  const learned = await run()
  expect(learned.weights).toEqual(first.startingWeights)
  expect(learned.report).toMatchObject({
    ratedAnswers: 0,
    arms: [],
    choices: { logged: 0, changed: 0 },
    estimate: { answers: 0, before: null, after: null },
  })
  expect(learned.versions).toHaveLength(1)
})

it('tells of each answer what sort of question it was and by which figures its module was chosen', async () => {
  const plan = planIn((await ada.ask('What is 12 * 12?')).chunks)
  expect(plan.kind).toBe('calculation')
  const answer = plan.steps.find(({ isAnswer }) => isAnswer)
  expect(answer?.selection).toMatchObject({ parts: { capability: 1, health: 1 }, learned: 0 })
})

it('learns from thumbs by kind of question, for this workspace alone', async () => {
  await askAndRate('What is 2 + 2?', 'up')
  await askAndRate('What is 3 + 3?', 'down')
  const { report, version } = await run()
  expect(version).toBe(2)
  expect(report).toMatchObject({ ratedAnswers: 2, up: 1 })
  expect(report?.arms).toMatchObject([
    { kind: 'calculation', module: 'language', model: 'nitro-offline', strategy: 'sequential', rated: 2, up: 1 },
  ])
  const stranger = await backend.createPerson()
  expect((await run(stranger)).report).toMatchObject({ ratedAnswers: 0, arms: [] })
})

it('prefers what people liked to the rules’ choice, until it is switched off', async () => {
  const bob = await backend.createPerson()
  const question = 'What is 21 + 21? What is 30 * 30?'
  expect(planIn(await ask(question, 'auto', bob))).toMatchObject({ strategy: 'parallel', choice: { version: null } })
  for (let turn = 0; turn < 8; turn++) {
    await askAndRate(question, 'up', 'sequential', bob)
    await askAndRate(question, 'down', 'parallel', bob)
  }
  await run(bob)
  const { choice } = planIn(await ask(question, 'auto', bob))
  const chances = Object.fromEntries(choice!.arms!.map(({ strategy, probability }) => [strategy, probability]))
  expect(choice?.version).toBe(1)
  expect(chances['sequential']).toBeGreaterThan(0.7)
  const { report } = await run(bob)
  // Both questions for which the strategy was left open were answered with a choice; the first of them by the rules.
  expect(report?.choices.logged).toBe(2)
  await set({ isOn: false }, bob)
  expect(planIn(await ask(question, 'auto', bob))).toMatchObject({ strategy: 'parallel', choice: { version: null } })
})

it('is back at the starting weights at once when it is switched off, and keeps what it had learned', async () => {
  const off = Learning.parse(await (await set({ isOn: false })).json())
  expect(off).toMatchObject({ isOn: false, version: null })
  expect(off.weights).toEqual(off.startingWeights)
  expect(off.versions.length).toBeGreaterThan(1)
  const on = Learning.parse(await (await set({ isOn: true })).json())
  expect(on.version).toBe(off.versions[0]?.version)
})

it('is for those only who look after the workspace', async () => {
  const member = await backend.createPerson()
  await backend.ports.connection.query(`UPDATE memberships SET role = 'member' WHERE user_id = $1`, [member.userId])
  expect((await member.request('/api/v1/learning')).status).toBe(403)
  expect(await codeOf(await set({ isOn: false }, member))).toBe('forbidden')
  expect((await member.request('/api/v1/learning/run', { method: 'POST' })).status).toBe(403)
  expect(await codeOf(await set({ isOn: 'yes' }))).toBe('invalid_input')
  expect(await codeOf(await set({ isOn: true, workspaceId: member.workspaceId }))).toBe('invalid_input')
})
