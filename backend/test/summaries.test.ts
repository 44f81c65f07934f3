import type { NitroChunk } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { createWordEmbedder } from './word-embedder.ts'

const handbook = `Trips abroad need an approval by the head of the team. An approval takes two working days.

Receipts of trips are kept for ten years. Whoever loses a receipt of a trip writes a note and signs it.

Coffee is bought on Mondays.`

const textIn = (chunks: readonly NitroChunk[]) =>
  chunks.flatMap((chunk) => (chunk.type === 'text-delta' ? [chunk.delta] : [])).join('')

describe('a summary without a language model', () => {
  let backend: TestBackend
  let alice: Person
  let bob: Person
  beforeAll(async () => {
    backend = await startBackend({ ports: { embedders: createEmbedders([createWordEmbedder()]) } })
    ;[alice, bob] = [await backend.createPerson(), await backend.createPerson()]
    await add(alice, 'Handbook 2024.txt', handbook)
    await add(bob, 'menu.txt', 'Soup is served at noon.')
  })
  afterAll(() => backend.close())

  async function add({ request }: Person, name: string, text: string): Promise<void> {
    const made = await request('/api/v1/collections', { method: 'POST', json: { name: 'notes' } })
    const { id } = (await made.json()) as { id: string }
    const path = `/api/v1/collections/${id}/documents?name=${encodeURIComponent(name)}`
    const upload = await request(path, { method: 'POST', body: text })
    const { documents } = (await upload.json()) as { documents: { id: string }[] }
    for (let status = ''; status !== 'ready';) {
      const document = await request(`/api/v1/documents/${documents[0]!.id}`)
      status = ((await document.json()) as { status: string }).status
      if (status === 'failed') throw new Error(`${name} could not be read`)
    }
  }

  it('of a document is made of its own sentences, cited and checked', async () => {
    const { chunks } = await alice.ask('Summarise the handbook in two sentences')
    const quotes = [...textIn(chunks).matchAll(/^> (.+) \[\d\]$/gm)].map(([, quote]) => quote!)
    expect(quotes).toHaveLength(2)
    for (const quote of quotes) expect(handbook).toContain(quote)
    expect(chunks).toContainEqual(expect.objectContaining({ type: 'source-document', title: 'Handbook 2024.txt' }))
    const plan = chunks.find((chunk) => chunk.type === 'data-plan')
    expect(plan?.type === 'data-plan' && plan.data.steps.map(({ module }) => module)).toEqual(['summary', 'critic'])
    expect(chunks.find((chunk) => chunk.type === 'data-critique')).toMatchObject({ data: { supportedShare: 1 } })
  })

  it('of somebody else’s document is the same as of none', async () => {
    const other = textIn((await bob.ask('Summarise Handbook 2024.txt, the file handbook.txt')).chunks)
    expect(other).toContain('There is no document named')
    const [foreign, missing] = await Promise.all([
      bob.ask('Summarise "Handbook.txt"'),
      bob.ask('Summarise "Nowhere.txt"'),
    ])
    expect(textIn(foreign.chunks).replace('Handbook', 'Nowhere')).toBe(textIn(missing.chunks))
    expect(textIn((await bob.ask('Summarise the handbook')).chunks)).not.toContain('Trips')
  })

  it('of a conversation is made of what was said in it', async () => {
    const { conversationId } = await alice.ask('What is 17% of 2,340?')
    const response = await alice.request(`/api/v1/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'Summarise our conversation so far' },
    })
    expect(await response.text()).toContain('**You:** What is 17% of 2,340?')
  })

  it('gives way to an ordinary answer, which says why, when the module is switched off', async () => {
    await alice.request('/api/v1/modules/summary', { method: 'PATCH', json: { isEnabled: false } })
    const { chunks } = await alice.ask('Summarise the handbook')
    expect(chunks.find((chunk) => chunk.type === 'data-notice' && chunk.data.code === 'left_out')).toMatchObject({
      data: { message: expect.stringContaining('The summary module is switched off') },
    })
  })
})

describe('with a language model', () => {
  let backend: TestBackend
  let alice: Person
  beforeAll(async () => {
    const models = createScriptedLanguageModels(({ responseFormat }) => ({
      deltas: [
        responseFormat?.type === 'json'
          ? '{"title":"Bees","sections":[{"heading":"One","about":"a"},{"heading":"Two","about":"b"}]}'
          : 'Words.',
      ],
    }))
    backend = await startBackend({ ports: { models } })
    alice = await backend.createPerson()
  })
  afterAll(() => backend.close())

  it('a long text is outlined and written by the writer, all of its calls counted', async () => {
    const { chunks } = await alice.ask('Write an article about bees')
    expect(textIn(chunks)).toBe('# Bees\n\n## One\n\nWords.\n\n## Two\n\nWords.')
    const step = chunks.findLast((chunk) => chunk.type === 'data-step')
    expect(step).toMatchObject({ data: { module: 'writer', status: 'completed', usage: { inputTokens: 30 } } })
    expect(chunks.find((chunk) => chunk.type === 'reasoning-delta')).toBeDefined()
  })

  it('a conversation is summarised by the model', async () => {
    const { conversationId } = await alice.ask('Write an email to Bob')
    const response = await alice.request(`/api/v1/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'What did we decide?' },
    })
    expect(await response.text()).toContain('"module":"summary"')
  })
})
