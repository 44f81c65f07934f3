import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DocumentFilter } from '@nitroagi/shared/knowledge'
import type { Call } from '../src/call.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

let backend: KnowledgeBackend
let call: Call
let collectionId: string

beforeAll(async () => {
  const connection = await openMemory()
  backend = await openKnowledge(connection, createWordEmbedder())
  call = await signUp(connection)
  collectionId = (await backend.collections.create(call, { name: 'shelf' })).id
  for (const name of ['reports/2031/May.txt', 'reports/2032/june_100%.txt', 'empty.txt']) {
    const body = Readable.from([Buffer.from(name === 'empty.txt' ? '' : `What ${name} says.`)])
    const { documents } = await backend.documents.upload(call, collectionId, { name }, body)
    await backend.settled(call, documents[0]!.id)
  }
  const [may] = await names({ name: 'May' })
  await backend.documents.change(call, may!.id, { tags: ['spring'] })
})
afterAll(() => backend.close())

const names = async (filter: DocumentFilter) =>
  (await backend.documents.list(call, { collectionId, limit: 50, ...filter })).items.map(({ id, name }) => ({
    id,
    name,
  }))
const shown = async (filter: DocumentFilter) => (await names(filter)).map(({ name }) => name)

it('keeps the place of a file in its folder as its name, and finds it by a part of it', async () => {
  expect(await shown({ name: 'may' })).toEqual(['reports/2031/May.txt'])
  expect(await shown({ name: 'reports/' })).toHaveLength(2)
  // No pattern: what was typed is what is looked for.
  expect(await shown({ name: '_100%' })).toEqual(['reports/2032/june_100%.txt'])
  expect(await shown({ name: 'm_y' })).toEqual([])
})

it('narrows a list to a tag or to what is ready, failed, paused or being worked on', async () => {
  expect(await shown({ tag: 'spring' })).toEqual(['reports/2031/May.txt'])
  expect(await shown({ tag: 'autumn' })).toEqual([])
  expect(await shown({ state: 'failed' })).toEqual(['empty.txt'])
  expect(await shown({ state: 'ready' })).toHaveLength(2)
  expect(await shown({ state: 'paused' })).toEqual([])
  expect(await shown({ state: 'working' })).toEqual([])
  expect(await shown({ state: 'ready', name: 'june', tag: 'spring' })).toEqual([])
})
