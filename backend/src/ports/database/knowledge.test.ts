import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signUp } from '../../../test/knowledge-backend.ts'
import { eachDatabase } from '../../../test/test-database.ts'
import { createWordEmbedder } from '../../../test/word-embedder.ts'
import type { Call } from '../../call.ts'
import { createCollectionsRepository } from './collections.ts'
import type { Connection } from './connection.ts'
import { createDocumentsRepository } from './documents.ts'
import { createKnowledgeRepository } from './knowledge.ts'
import { createVectorIndexes } from './search-indexes.ts'
import type { KnowledgeRepository } from './knowledge-port.ts'
import { bm25 } from './search-weights.ts'

const embedder = createWordEmbedder()

eachDatabase((_name, database) => {
  let connection: Connection
  let repositories: ReturnType<typeof repositoriesOf>
  let alice: Call
  let bob: Call
  let collectionId: string

  const repositoriesOf = (on: Connection) => ({
    collections: createCollectionsRepository(on),
    documents: createDocumentsRepository(on),
    knowledge: createKnowledgeRepository(on, createVectorIndexes(on)),
  })

  beforeAll(async () => {
    connection = await database.open()
    repositories = repositoriesOf(connection)
    alice = await signUp(connection, 'alice')
    bob = await signUp(connection, 'bob')
    collectionId = (await repositories.collections.create(alice, { name: 'notes', embeddingModel: 'words' }))!.id
  })
  afterAll(() => connection.close())

  const file = (name: string, externalId?: string, sha256: string = randomUUID()) => ({
    collectionId,
    externalId,
    name,
    sha256,
    mediaType: 'text/plain',
    sizeBytes: 10,
    objectKey: `k/${randomUUID()}`,
  })

  async function write(call: Call, id: string, texts: string[], publish = true) {
    const { documents, knowledge } = repositories
    const work = (await documents.begin(call, id))!
    expect(
      await knowledge.savePages(
        call,
        work,
        texts.map((text, index) => ({ number: index + 1, text })),
      ),
    ).toBe(true)
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
    expect(await knowledge.addEntries(call, work, 'words', entries)).toBe(true)
    if (publish) expect(await knowledge.publish(call, work, null)).toBe(true)
    return work
  }

  const search = async (call: Call, text: string, collectionIds?: string[]) =>
    (
      await repositories.knowledge.search(call, {
        text,
        collectionIds,
        limit: 10,
        vectors: [{ model: 'words', vector: (await embedder.embed([text]))[0]! }],
      })
    ).candidates

  describe('collections', () => {
    it('have one name once in a workspace, and are seen by nobody else', async () => {
      expect(await repositories.collections.create(alice, { name: 'notes', embeddingModel: 'words' })).toBeUndefined()
      const bobs = await repositories.collections.create(bob, { name: 'notes', embeddingModel: 'words' })
      expect((await repositories.collections.list(bob)).map(({ id }) => id)).toEqual([bobs!.id])
      expect(await repositories.collections.find(bob, collectionId)).toBeUndefined()
      await repositories.collections.delete(bob, collectionId)
      expect(await repositories.collections.find(alice, collectionId)).toMatchObject({
        name: 'notes',
        documentCount: 0,
      })
    })
  })

  describe('documents', () => {
    it('are recognised by their bytes, whatever their name', async () => {
      const first = await repositories.documents.add(alice, file('a.txt', undefined, 'same'))
      const second = await repositories.documents.add(alice, file('b.txt', undefined, 'same'))
      expect([first.created, second.created]).toEqual([true, false])
      expect(second.document.id).toBe(first.document.id)
    })

    it('come newest first, in pages that miss none', async () => {
      const call = await signUp(connection)
      const { id } = (await repositories.collections.create(call, { name: 'many', embeddingModel: 'words' }))!
      for (let index = 0; index < 5; index++)
        await repositories.documents.add(call, { ...file(`${index}.txt`), collectionId: id })
      const names: string[] = []
      let cursor: string | undefined
      do {
        const page = await repositories.documents.list(call, { limit: 2, cursor })
        names.push(...page.items.map((document) => document.name))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(names).toEqual(['4.txt', '3.txt', '2.txt', '1.txt', '0.txt'])
      await expect(repositories.documents.list(call, { limit: 2, cursor: 'x' })).rejects.toMatchObject({
        code: 'invalid_input',
      })
    })

    it('are found, changed and deleted by nobody of another workspace', async () => {
      const { document } = await repositories.documents.add(alice, file('private.txt'))
      const { documents, knowledge } = repositories
      expect(await documents.find(bob, document.id)).toBeUndefined()
      expect(await documents.begin(bob, document.id)).toBeUndefined()
      expect(await documents.markDeleting(bob, { documentId: document.id })).toEqual([])
      await documents.remove(bob, [document.id])
      expect(await knowledge.page(bob, document.id, 1)).toBeUndefined()
      await expect(documents.add(bob, file('into a foreign collection'))).rejects.toMatchObject({ code: 'not_found' })
      expect(await documents.find(alice, document.id)).toMatchObject({ status: 'received' })
      expect((await documents.list(bob, { limit: 50 })).items).toEqual([])
      expect(await documents.changedSince(bob, new Date(0))).toEqual([])
    })
  })

  describe('search', () => {
    it('shows a document when it is whole, with its page and place', async () => {
      const { document } = await repositories.documents.add(alice, file('walrus.txt'))
      const work = await write(alice, document.id, ['The walrus sings at midnight.', 'Nobody listens.'], false)
      expect(await search(alice, 'When does the walrus sing?')).toEqual([])
      await repositories.knowledge.publish(alice, work, 'mind the walrus')
      const [hit] = await search(alice, 'When does the walrus sing?')
      expect(hit).toMatchObject({
        documentId: document.id,
        title: 'walrus.txt',
        content: 'The walrus sings at midnight.',
        page: 1,
        start: 0,
        end: 29,
      })
      expect(hit!.scores.lexical).toBeGreaterThan(0)
      expect(hit!.scores.vector).toBeGreaterThan(0)
      expect(await repositories.documents.find(alice, document.id)).toMatchObject({
        status: 'ready',
        notice: 'mind the walrus',
        chunksTotal: 2,
      })
      expect(await repositories.knowledge.page(alice, document.id, 2)).toMatchObject({
        text: 'Nobody listens.',
        pagesTotal: 2,
      })
    })

    it('finds nothing of another workspace, whoever asks for what', async () => {
      expect(await search(bob, 'When does the walrus sing?')).toEqual([])
      expect(await search(bob, 'When does the walrus sing?', [collectionId])).toEqual([])
    })

    it('looks only into the collections that were named', async () => {
      const other = (await repositories.collections.create(alice, { name: 'other', embeddingModel: 'words' }))!
      expect(await search(alice, 'walrus', [other.id])).toEqual([])
      expect((await search(alice, 'walrus', [other.id, collectionId])).length).toBeGreaterThan(0)
    })

    it('serves the old version of a document until the new one is whole, then the new one only', async () => {
      const first = await repositories.documents.add(alice, file('manual', 'manual-1'))
      await write(alice, first.document.id, ['Press the crimson lever to start.'])
      const second = await repositories.documents.add(alice, file('manual', 'manual-1'))
      expect(second).toMatchObject({ created: true, document: { id: first.document.id, status: 'received' } })
      expect(second.staleObjectKey).toBe(first.document.objectKey)
      const work = await write(alice, first.document.id, ['Press the turquoise lever to start.'], false)
      expect((await search(alice, 'crimson lever'))[0]!.content).toContain('crimson')
      expect((await search(alice, 'turquoise')).every((hit) => !hit.content.includes('turquoise'))).toBe(true)
      await repositories.knowledge.publish(alice, work, null)
      expect((await search(alice, 'turquoise lever'))[0]!.content).toContain('turquoise')
      expect((await search(alice, 'crimson lever')).every((hit) => !hit.content.includes('crimson'))).toBe(true)
    })

    it('lets a job of an old version write nothing any more', async () => {
      const { document } = await repositories.documents.add(alice, file('report', 'report-1'))
      const old = (await repositories.documents.begin(alice, document.id))!
      await repositories.documents.add(alice, file('report', 'report-1'))
      expect(await repositories.knowledge.savePages(alice, old, [{ number: 1, text: 'stale' }])).toBe(false)
      expect(await repositories.knowledge.publish(alice, old, null)).toBe(false)
      await repositories.documents.fail(alice, old, { code: 'internal', message: 'late' })
      expect((await repositories.documents.find(alice, document.id))!.status).toBe('received')
    })

    it('forgets what is being deleted at once', async () => {
      const { document } = await repositories.documents.add(alice, file('pelican.txt'))
      await write(alice, document.id, ['The pelican owns a bakery.'])
      expect((await search(alice, 'pelican bakery'))[0]!.documentId).toBe(document.id)
      await repositories.documents.markDeleting(alice, { documentId: document.id })
      expect((await search(alice, 'pelican bakery')).map((hit) => hit.documentId)).not.toContain(document.id)
      await repositories.documents.remove(alice, [document.id])
      for (const table of ['knowledge_entries', 'document_pages']) {
        expect(await connection.query(`SELECT 1 FROM ${table} WHERE document_id = $1`, [document.id])).toEqual([])
      }
    })

    it('scores words as exact BM25 does', async () => {
      const call = await signUp(connection)
      const { id } = (await repositories.collections.create(call, { name: 'bm25', embeddingModel: 'words' }))!
      const texts = ['apple apple banana', 'apple cherry', 'cherry cherry cherry grape', 'banana']
      const { document } = await repositories.documents.add(call, { ...file('x'), name: '.', collectionId: id })
      await write(call, document.id, texts)
      const hits = await search(call, 'apple banana')
      const lengths = [3, 2, 4, 1]
      const average = 2.5
      const term = (frequency: number, length: number, df: number) =>
        (Math.log(1 + (4 - df + 0.5) / (df + 0.5)) * frequency * (1 + bm25.k1)) /
        (frequency + bm25.k1 * (1 - bm25.b + (bm25.b * length) / average))
      const expected = [
        term(2, lengths[0]!, 2) + term(1, lengths[0]!, 2),
        term(1, lengths[1]!, 2),
        null,
        term(1, lengths[3]!, 2),
      ]
      for (const hit of hits) {
        const want = expected[texts.indexOf(hit.content)]
        if (want === null) expect(hit.scores.lexical).toBeNull()
        else expect(hit.scores.lexical).toBeCloseTo(want!, 5)
      }
    })

    it('stems by language and cuts Chinese, Japanese and Thai into pairs', async () => {
      const call = await signUp(connection)
      const { id } = (await repositories.collections.create(call, { name: 'tongues', embeddingModel: 'words' }))!
      const texts = [
        'Die Häuser wurden von den Arbeitern gebaut und sind nicht alt.',
        '敏捷的棕色狐狸跳过懒狗。',
        'รถไฟฟ้าวิ่งเร็วมากในกรุงเทพ',
        'Собаки лают, а караван идёт.',
      ]
      const { document } = await repositories.documents.add(call, { ...file('t'), name: '.', collectionId: id })
      await write(call, document.id, texts)
      for (const [question, index] of [
        ['Wer baut das Haus und wann?', 0],
        ['棕色狐狸', 1],
        ['รถไฟฟ้า', 2],
        ['собака лает', 3],
      ] as const) {
        const hits = await search(call, question)
        expect(
          hits.filter((hit) => hit.scores.lexical !== null).map((hit) => hit.content),
          question,
        ).toEqual([texts[index]])
      }
    })

    it('finds no less with words and vectors together than with the better of the two', async () => {
      const dave = await signUp(connection, 'dave')
      const own = (await repositories.collections.create(dave, { name: 'both', embeddingModel: 'words' }))!.id
      const texts = [
        'Who are you and where are you from?',
        'The zeppelin landed on the meadow behind the school.',
        'The school stands behind the meadow; children play on the meadow all day.',
        'A zeppelin carries helium, and helium carries the zeppelin.',
        'From where to where, and how, and why?',
      ]
      for (const text of texts) {
        const { document } = await repositories.documents.add(dave, { ...file('entry'), collectionId: own })
        await write(dave, document.id, [text])
      }
      const questions: [string, number][] = [
        ['who are you', 0],
        ['where did the zeppelin land', 1],
        ['where do children play', 2],
        ['what does helium carry', 3],
        ['from where, how and why', 4],
      ]
      const reciprocalRanks = async (leg: 'words' | 'vectors' | 'both') => {
        let sum = 0
        for (const [question, wanted] of questions) {
          const vector = (await embedder.embed([question]))[0]!
          const { candidates } = await repositories.knowledge.search(dave, {
            text: leg === 'vectors' ? '' : question,
            vectors: leg === 'words' ? [] : [{ model: 'words', vector }],
            collectionIds: undefined,
            limit: 5,
          })
          const rank = candidates.findIndex(({ content }) => content === texts[wanted])
          sum += rank < 0 ? 0 : 1 / (rank + 1)
        }
        return sum
      }
      const [words, vectors, both] = [
        await reciprocalRanks('words'),
        await reciprocalRanks('vectors'),
        await reciprocalRanks('both'),
      ]
      // Stop words alone are nothing to the one, and a rare word is little to the other.
      expect(words).toBeLessThan(questions.length)
      expect(both).toBeGreaterThanOrEqual(Math.max(words, vectors))
    })

    it('understands a short question whose small words belong to many languages', async () => {
      const carol = await signUp(connection, 'carol')
      const own = (await repositories.collections.create(carol, { name: 'mixed', embeddingModel: 'words' }))!.id
      for (const text of [
        'Su reputación le llevó a ser el arquetipo del científico loco en las culturas populares.',
        'La ciudad de la que se habla está en el sur, y es la capital de la región.',
        'He was asked to take part, and he did so in the end, as all of them did.',
        'Die Menschen protestieren gegen die Regierung, und einige von ihnen wurden verhaftet.',
      ]) {
        const { document } = await repositories.documents.add(carol, { ...file('entry'), collectionId: own })
        await write(carol, document.id, [text])
      }
      const first = async (text: string) => {
        const query = { text, vectors: [], collectionIds: undefined, limit: 5 }
        return (await repositories.knowledge.search(carol, query)).candidates.map(
          ({ content }) => content.split(' ')[0],
        )
      }
      expect((await first('¿Cuál era la reputación de Tesla en la cultura popular?'))[0]).toBe('Su')
      expect(await first('Wogegen protestieren manche Leute?')).toEqual(['Die'])
      expect(await first('de la en')).toEqual([])
    })

    it('finds the same by an index of vectors, also for a small tenant and behind a filter', async () => {
      const erin = await signUp(connection, 'erin')
      const frank = await signUp(connection, 'frank')
      const indexes = createVectorIndexes(connection, { from: 100, exactBelow: 0 })
      const texts = (count: number, who: string) =>
        Array.from({ length: count }, (_, index) => `${who} notes number ${index}: letter ${'abcdefghij'[index % 10]}`)
      const fill = async (call: Call, count: number, who: string) => {
        const own = (await repositories.collections.create(call, { name: who, embeddingModel: 'words' }))!.id
        const { document } = await repositories.documents.add(call, { ...file(`${who}.txt`), collectionId: own })
        await write(call, document.id, texts(count, who))
        return document.id
      }
      await fill(erin, 150, 'erin')
      const few = await fill(frank, 5, 'frank')
      const tended = await indexes.tend()
      expect(tended).toEqual({ made: ['words'], dropped: [] })
      expect(await indexes.tend()).toEqual({ made: [], dropped: [] })
      const indexed = createKnowledgeRepository(connection, indexes)
      const query = {
        text: '',
        vectors: [{ model: 'words', vector: (await embedder.embed(['erin notes number letter c']))[0]! }],
        collectionIds: undefined,
        limit: 5,
      }
      const { candidates, trace } = await indexed.search(frank, query)
      expect(trace.vectors).toEqual([{ model: 'words', entries: 5, way: 'index' }])
      expect(candidates.map((candidate) => candidate.documentId)).toEqual([few, few, few, few, few])
      const scores = async (call: Call, by: KnowledgeRepository, filter = {}) =>
        (await by.search(call, { ...query, filter })).candidates.map((candidate) => candidate.scores.vector!.toFixed(5))
      expect(await scores(erin, indexed)).toEqual(await scores(erin, repositories.knowledge))
      expect(await scores(erin, indexed, { mediaTypes: ['image/png'] })).toEqual([])
      const fewer = createVectorIndexes(connection, { from: 100_000 })
      expect(await fewer.tend()).toEqual({ made: [], dropped: ['words'] })
    })

    it('counts the words of what is shown, and no others', async () => {
      const grace = await signUp(connection, 'grace')
      const { id } = (await repositories.collections.create(grace, { name: 'counted', embeddingModel: 'words' }))!
      const counts = async () => {
        const rows = await connection.query<{ lexeme: string; entry_count: number }>(
          `SELECT lexeme, entry_count FROM collection_terms WHERE workspace_id = $1 AND collection_id = $2
             AND lexeme IN ('lemur', 'otter', ' words')`,
          [grace.actor.workspaceId, id],
        )
        const [row] = await connection.query<{ entries: number }>(
          `SELECT entry_count::int AS entries FROM collections WHERE workspace_id = $1 AND id = $2`,
          [grace.actor.workspaceId, id],
        )
        return { ...Object.fromEntries(rows.map((row) => [row.lexeme, row.entry_count])), entries: row!.entries }
      }
      const first = await repositories.documents.add(grace, { ...file('.', 'one'), collectionId: id })
      await write(grace, first.document.id, ['lemur', 'lemur otter'], false)
      expect(await counts()).toEqual({ entries: 0 })
      const work = (await repositories.documents.begin(grace, first.document.id))!
      await repositories.knowledge.publish(grace, work, null)
      expect(await counts()).toEqual({ lemur: 2, otter: 1, ' words': 2, entries: 2 })
      await repositories.documents.add(grace, { ...file('.', 'one'), collectionId: id })
      await write(grace, first.document.id, ['otter'])
      expect(await counts()).toEqual({ otter: 1, ' words': 1, entries: 1 })
      await repositories.documents.markDeleting(grace, { documentId: first.document.id })
      expect(await counts()).toEqual({ entries: 0 })
      await repositories.documents.remove(grace, [first.document.id])
      expect(await counts()).toEqual({ entries: 0 })
    })

    it('answers a question of stop words, of signs, and without a vector', async () => {
      for (const text of ['the of and', '?!', "'; DROP TABLE documents; --", '\u0000', 'a'.repeat(2000)])
        await search(alice, text)
      const query = { text: 'walrus', vectors: [], collectionIds: undefined, limit: 5 }
      expect((await repositories.knowledge.search(alice, query)).candidates[0]!.scores.vector).toBeNull()
      expect((await repositories.knowledge.search(alice, { ...query, text: 'the' })).candidates).toEqual([])
    })
  })
})
