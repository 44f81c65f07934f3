import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { ModuleState, ModuleStateList, ModuleTestResult, SystemInfo } from '@nitroagi/shared/modules'
import type { NitroChunk } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { eachDatabase } from './test-database.ts'

const list = async (person: Person) =>
  ModuleStateList.parse(await (await person.request('/api/v1/modules')).json()).items
const stateOf = async (person: Person, name: string) => (await list(person)).find((module) => module.name === name)
const turn = (person: Person, name: string, isEnabled: boolean) =>
  person.request(`/api/v1/modules/${name}`, { method: 'PATCH', json: { isEnabled } })
const test = (person: Person, name: string) => person.request(`/api/v1/modules/${name}/test`, { method: 'POST' })
const failure = async (response: Response) => ErrorEnvelope.parse(await response.json()).error
const planned = ({ chunks }: { chunks: NitroChunk[] }) =>
  chunks.flatMap((chunk) => (chunk.type === 'data-plan' ? chunk.data.steps.map(({ module }) => module) : []))
const noticed = ({ chunks }: { chunks: NitroChunk[] }) =>
  chunks.flatMap((chunk) => (chunk.type === 'data-notice' ? [chunk.data.message] : [])).join(' ')

describe('a module of a workspace', () => {
  let backend: TestBackend
  let ada: Person
  beforeAll(async () => {
    backend = await startBackend()
    ada = await backend.createPerson()
  })
  afterAll(() => backend?.close())

  it('is on until somebody turns it off, and says who did', async () => {
    const before = await list(ada)
    expect(before.map(({ name }) => name)).toEqual(expect.arrayContaining(['knowledge', 'language', 'reasoning']))
    expect(before.every(({ isEnabled, lastChange }) => isEnabled && lastChange === null)).toBe(true)

    const changed = ModuleState.parse(await (await turn(ada, 'reasoning', false)).json())
    expect(changed).toMatchObject({ name: 'reasoning', isEnabled: false, lastChange: { by: ada.email } })
    expect(await stateOf(ada, 'reasoning')).toEqual(changed)
    // Saying it again is no change.
    await turn(ada, 'reasoning', false)
    expect(await stateOf(ada, 'reasoning')).toEqual(changed)

    const system = SystemInfo.parse(await (await ada.request('/api/v1/system')).json())
    expect(system.modules.find(({ name }) => name === 'reasoning')?.isEnabled).toBe(false)
    expect(system.modules.find(({ name }) => name === 'language')?.isEnabled).toBe(true)
    await turn(ada, 'reasoning', true)
  })

  it('takes no part in the next answer when it is off, here and nowhere else', async () => {
    const bob = await backend.createPerson()
    const question = 'What is 12 * 12?'
    expect(planned(await ada.ask(question))).toContain('reasoning')
    await turn(ada, 'reasoning', false)
    const without = await ada.ask(question)
    expect(planned(without)).not.toContain('reasoning')
    expect(without.chunks.at(-1)?.type).toBe('finish')
    expect(planned(await bob.ask(question))).toContain('reasoning')
    expect(await stateOf(bob, 'reasoning')).toMatchObject({ isEnabled: true, lastChange: null })
    await turn(ada, 'reasoning', true)
    expect(planned(await ada.ask(question))).toContain('reasoning')
  })

  it('is missed by an answer that says so, and ends well without it', async () => {
    const carol = await backend.createPerson()
    const collection = await carol.request('/api/v1/collections', { method: 'POST', json: { name: 'Bridges' } })
    const { id } = (await collection.json()) as { id: string }
    await carol.request(`/api/v1/collections/${id}/documents?name=bridges.txt`, {
      method: 'POST',
      body: 'The Varda bridge was opened in 1962 and is 214 metres long. It crosses the river Varda.',
      headers: { 'content-type': 'application/octet-stream' },
    })
    const documents = async () => {
      const page = await (await carol.request(`/api/v1/collections/${id}/documents`)).json()
      return (page as { items: { status: string }[] }).items.map(({ status }) => status)
    }
    await expect.poll(documents, { timeout: 30_000 }).toEqual(['ready'])

    const lookup = 'When was the Varda bridge opened?'
    const whole = await carol.ask(lookup)
    expect(planned(whole)).toEqual(expect.arrayContaining(['knowledge', 'critic', 'language']))
    expect(noticed(whole)).not.toMatch(/switched off/)
    for (const [name, question, words] of [
      ['knowledge', lookup, 'so your documents were not searched'],
      ['reasoning', 'What is 12 * 12?', 'so nothing was calculated'],
      ['critic', lookup, 'so the answer was not checked'],
    ] as const) {
      await turn(carol, name, false)
      const answer = await carol.ask(question)
      expect(planned(answer)).not.toContain(name)
      expect(noticed(answer)).toContain(`The ${name} module is switched off, ${words}`)
      expect(answer.chunks.at(-1)?.type).toBe('finish')
      await turn(carol, name, true)
    }
    // What is off but was not wanted is not worth a word.
    await turn(carol, 'reasoning', false)
    expect(noticed(await carol.ask(lookup))).not.toMatch(/switched off/)
  })

  it('stays on when nobody else could answer', async () => {
    const refused = await turn(ada, 'language', false)
    expect(refused.status).toBe(409)
    expect((await failure(refused)).message).toBe('Without language nobody could answer questions, so it stays on.')
    expect(await stateOf(ada, 'language')).toMatchObject({ isEnabled: true, lastChange: null })
  })

  it('is tried on a small real task, also while it is off', async () => {
    await turn(ada, 'reasoning', false)
    const result = ModuleTestResult.parse(await (await test(ada, 'reasoning')).json())
    expect(result).toMatchObject({ module: 'reasoning', passed: true })
    expect(result.detail).not.toBe('')
    await turn(ada, 'reasoning', true)
  })

  it('is not there under a name that nobody has', async () => {
    for (const response of [await turn(ada, 'oracle', false), await test(ada, 'oracle')]) {
      expect(response.status).toBe(404)
      expect((await failure(response)).message).toMatch(/^There is no module oracle\. There are: .*language/)
    }
    expect((await turn(ada, 'Language!', false)).status).toBe(400)
    const wrong = await ada.request('/api/v1/modules/reasoning', { method: 'PATCH', json: { isEnabled: 'no' } })
    expect((await failure(wrong)).code).toBe('invalid_input')
  })

  it('is changed and tried by owners and admins only, and seen by whoever may ask', async () => {
    const member = await backend.createPerson()
    await backend.ports.connection.query(`UPDATE memberships SET role = 'member' WHERE user_id = $1`, [member.userId])
    expect((await turn(member, 'reasoning', false)).status).toBe(403)
    expect((await test(member, 'reasoning')).status).toBe(403)
    expect((await list(member)).length).toBeGreaterThan(3)
    const key = await ada.request('/api/v1/api-keys', { method: 'POST', json: { name: 'x', scopes: ['read'] } })
    const { key: narrow } = (await key.json()) as { key: string }
    const headers = { authorization: `Bearer ${narrow}` }
    expect((await ada.request('/api/v1/modules', { headers })).status).toBe(403)
  })
})

eachDatabase((_name, database) => {
  it('is off for the other backends too, a moment later', async () => {
    const connection = await database.open()
    const shared = { ports: { connection: { ...connection, close: async () => {} } } }
    const [one, other] = [await startBackend(shared), await startBackend(shared)]
    try {
      const ada = await one.createPerson()
      const elsewhere: Person = {
        ...ada,
        request: (path, init) =>
          other.request(path, { ...init, headers: { ...init?.headers, authorization: `Bearer ${ada.key}` } }),
      }
      const isOn = async () => {
        const system = SystemInfo.parse(await (await elsewhere.request('/api/v1/system')).json())
        return system.modules.find(({ name }) => name === 'knowledge')?.isEnabled
      }
      expect(await isOn()).toBe(true)
      await turn(ada, 'knowledge', false)
      await expect.poll(isOn, { timeout: 15_000, interval: 200 }).toBe(false)
      // Gone with the workspace.
      await connection.query('DELETE FROM workspaces WHERE id = $1', [ada.workspaceId])
      expect(await connection.query('SELECT 1 FROM module_settings')).toEqual([])
    } finally {
      await Promise.all([one.close(), other.close()])
      await connection.close()
    }
  })
})
