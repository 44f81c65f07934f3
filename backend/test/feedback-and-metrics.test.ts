import type { ConversationDetail } from '@nitroagi/shared/conversations'
import type { ErrorEnvelope } from '@nitroagi/shared/errors'
import { ModuleMetrics } from '@nitroagi/shared/module-metrics'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'

let backend: TestBackend
let ada: Person
let conversation: ConversationDetail
beforeAll(async () => {
  backend = await startBackend()
  ada = await backend.createPerson()
  const { conversationId } = await ada.ask('What is 12 * 12?')
  conversation = await read(conversationId)
})
afterAll(() => backend?.close())

const read = async (id: string) =>
  (await (await ada.request(`/api/v1/conversations/${id}`)).json()) as ConversationDetail
const message = (role: string) => conversation.messages.find((one) => one.role === role)!.id
const give = (id: string, json: unknown, person = ada) =>
  person.request(`/api/v1/messages/${id}/feedback`, { method: 'PUT', json })
const codeOf = async (response: Response) => ((await response.json()) as ErrorEnvelope).error.code

it('keeps a thumb on an answer with its reason, and shows it with the conversation', async () => {
  const given = await give(message('assistant'), { rating: 'down', reason: 'incomplete', correction: ' 144. ' })
  expect(given.status).toBe(200)
  expect((await read(conversation.id)).messages.at(-1)?.feedback).toMatchObject({
    rating: 'down',
    reason: 'incomplete',
    correction: '144.',
  })
  const gone = await ada.request(`/api/v1/messages/${message('assistant')}/feedback`, { method: 'DELETE' })
  expect(gone.status).toBe(204)
  expect((await read(conversation.id)).messages.at(-1)?.feedback).toBeNull()
})

it('refuses feedback on a question, on somebody else’s answer, and in other words than ours', async () => {
  expect((await give(message('user'), { rating: 'up' })).status).toBe(400)
  expect((await give(message('assistant'), { rating: 'up' }, await backend.createPerson())).status).toBe(404)
  for (const wrong of [
    {},
    { rating: 'great' },
    { rating: 'down', reason: 'because' },
    { rating: 'up', correction: 'x'.repeat(4_001) },
    { rating: 'up', userId: ada.userId },
  ]) {
    expect(await codeOf(await give(message('assistant'), wrong))).toBe('invalid_input')
  }
})

it('counts what the modules did for the answers of this workspace', async () => {
  const metrics = ModuleMetrics.parse(await (await ada.request('/api/v1/modules/metrics')).json())
  expect(metrics.window).toBe('24h')
  const steps = metrics.rows.map(({ module, runs, failed }) => [module, runs, failed])
  expect(steps).toContainEqual(['reasoning', 1, 0])
  expect(metrics.series.at(-1)?.runs).toBe(1)
  const other = await backend.createPerson()
  const foreign = ModuleMetrics.parse(await (await other.request('/api/v1/modules/metrics?window=30d')).json())
  expect(foreign.rows).toEqual([])
  expect(await codeOf(await ada.request('/api/v1/modules/metrics?window=1y'))).toBe('invalid_input')
})

it('shows the figures to those only who look after the workspace', async () => {
  const { connection } = backend.ports
  const member = await backend.createPerson()
  await connection.query(`UPDATE memberships SET role = 'member' WHERE user_id = $1`, [member.userId])
  const refused = await member.request('/api/v1/modules/metrics')
  expect(refused.status).toBe(403)
  expect(await codeOf(refused)).toBe('forbidden')
  const key = await ada.request('/api/v1/api-keys', { method: 'POST', json: { name: 'x', scopes: ['read', 'chat'] } })
  const { key: narrow } = (await key.json()) as { key: string }
  const narrowed = await ada.request('/api/v1/modules/metrics', { headers: { authorization: `Bearer ${narrow}` } })
  expect(narrowed.status).toBe(403)
})
