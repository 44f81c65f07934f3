import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { signUp } from '../../../test/knowledge-backend.ts'
import { eachDatabase } from '../../../test/test-database.ts'
import { createWordEmbedder } from '../../../test/word-embedder.ts'
import type { Call } from '../../call.ts'
import { createCollectionsRepository } from './collections.ts'
import type { Connection } from './connection.ts'
import { createDocumentsRepository } from './documents.ts'
import { createKnowledgeRepository } from './knowledge.ts'
import { createVectorIndexes } from './search-indexes.ts'
import { createWholeDocuments } from './whole-documents.ts'
import type { WholeDocuments } from './whole-documents-port.ts'

const embedder = createWordEmbedder()

eachDatabase((_name, database) => {
  let connection: Connection
  let whole: WholeDocuments
  let alice: Call
  let bob: Call
  let notes: string
  let others: string

  beforeAll(async () => {
    connection = await database.open()
    whole = createWholeDocuments(connection)
    alice = await signUp(connection, 'alice')
    bob = await signUp(connection, 'bob')
    const collections = createCollectionsRepository(connection)
    notes = (await collections.create(alice, { name: 'notes', embeddingModel: 'words' }))!.id
    others = (await collections.create(alice, { name: 'others', embeddingModel: 'words' }))!.id
    await add('Handbook.pdf', ['First page.', 'Second page.', 'Third page.'])
    await add('ÜBERSICHT 50%.txt', ['Eins.'])
    await add('handbook draft.txt', ['Not yet.'], { publish: false })
    await add('other handbook.txt', ['Elsewhere.'], { collectionId: others })
  })
  afterAll(() => connection.close())

  async function add(name: string, texts: string[], { publish = true, collectionId = notes } = {}): Promise<string> {
    const documents = createDocumentsRepository(connection)
    const knowledge = createKnowledgeRepository(connection, createVectorIndexes(connection))
    const file = { collectionId, externalId: undefined, name, sha256: randomUUID(), mediaType: 'text/plain' }
    const { document } = await documents.add(alice, { ...file, sizeBytes: 1, objectKey: `k/${randomUUID()}` })
    const work = (await documents.begin(alice, document.id))!
    const pages = texts.map((text, index) => ({ number: index + 1, text }))
    await knowledge.savePages(alice, work, pages)
    const vectors = await embedder.embed(texts)
    const entries = texts.map((content, ordinal) => ({
      ordinal,
      content,
      page: ordinal + 1,
      start: 0,
      end: content.length,
      heading: '',
      embedding: vectors[ordinal]!,
    }))
    await knowledge.addEntries(alice, work, 'words', entries)
    await documents.describe(alice, work, { pagesTotal: texts.length })
    if (publish) await knowledge.publish(alice, work, null)
    return document.id
  }

  const titles = async (call: Call, words: string[], collectionIds?: string[]) =>
    (await whole.named(call, { words, collectionIds, limit: 10 })).map(({ title }) => title)

  it('finds documents by a word of their name, in any case, and only those that are ready', async () => {
    expect(await titles(alice, ['HANDBOOK'])).toEqual(['other handbook.txt', 'Handbook.pdf'])
    expect(await titles(alice, ['übersicht'])).toEqual(['ÜBERSICHT 50%.txt'])
    expect(await titles(alice, ['handbook'], [notes])).toEqual(['Handbook.pdf'])
    expect(await titles(alice, [])).toHaveLength(3)
    expect(await titles(alice, ['%'])).toEqual(['ÜBERSICHT 50%.txt'])
    expect(await titles(alice, ['_andbook'])).toEqual([])
  })

  it('gives the passages in their order, piece by piece', async () => {
    const [document] = await whole.named(alice, { words: ['Handbook.pdf'], collectionIds: undefined, limit: 1 })
    expect(document).toMatchObject({ title: 'Handbook.pdf', pages: 3, passages: 3 })
    const first = await whole.passages(alice, document!, { after: -1, limit: 2 })
    const rest = await whole.passages(alice, document!, { after: first.at(-1)!.ordinal, limit: 2 })
    expect([...first, ...rest].map(({ content, page }) => `${page} ${content}`)).toEqual([
      '1 First page.',
      '2 Second page.',
      '3 Third page.',
    ])
    expect(await whole.passages(alice, { ...document!, version: 9 }, { after: -1, limit: 2 })).toEqual([])
  })

  it('gives a stranger neither its name nor a word of it', async () => {
    const [document] = await whole.named(alice, { words: ['Handbook.pdf'], collectionIds: undefined, limit: 1 })
    expect(await titles(bob, ['handbook'])).toEqual([])
    expect(await titles(bob, [], [notes])).toEqual([])
    expect(await whole.passages(bob, document!, { after: -1, limit: 9 })).toEqual([])
  })
})
