import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultChunkProfile } from '@nitroagi/shared/collections'
import { NitroError } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { silentLog } from '../src/log.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { openKnowledge, signUp, type KnowledgeBackend } from './knowledge-backend.ts'
import { eachDatabase } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

eachDatabase((name, database) => {
  let backend: KnowledgeBackend
  let owner: Call
  const slow = createHeldEmbedder()

  beforeAll(async () => {
    const words = createWordEmbedder()
    const refusing = {
      ...createWordEmbedder(),
      id: 'refusing',
      embed: () => Promise.reject(new NitroError('model_unauthorized', 'The provider refuses the key')),
    }
    const others = [{ ...createWordEmbedder(), id: 'other-words' }, refusing, { ...slow, id: 'slow' }]
    backend = await openKnowledge(await database.open(), [words, ...others])
    owner = await signUp(backend.connection)
  })
  afterAll(() => backend.close())

  async function upload(collectionId: string, fileName: string, text: string) {
    const { documents } = await backend.documents.upload(
      owner,
      collectionId,
      { name: fileName },
      new Response(text).body!,
    )
    return backend.settled(owner, documents[0]!.id)
  }

  const models = async (collectionId: string) => {
    const rows = await backend.connection.query<{ embedding_model: string; version: number }>(
      `SELECT DISTINCT e.embedding_model, d.version FROM knowledge_entries e JOIN documents d ON d.id = e.document_id
       WHERE e.workspace_id = $1 AND e.collection_id = $2 AND e.version = d.version ORDER BY 2, 1`,
      [owner.actor.workspaceId, collectionId],
    )
    return rows.map((row) => `${row.embedding_model} ${row.version}`)
  }
  const reindexed = (id: string) =>
    expect.poll(async () => (await backend.collections.find(owner, id)).reindexing, { timeout: 30_000 }).toBeNull()

  describe('a collection', () => {
    it('is changed by its owner, and only in what is named', async () => {
      const { id } = await backend.collections.create(owner, { name: `plain ${name}`, tags: ['one'] })
      const changed = await backend.collections.change(owner, id, { description: 'What we have agreed on' })
      expect(changed).toMatchObject({
        name: `plain ${name}`,
        tags: ['one'],
        description: 'What we have agreed on',
        access: 'workspace',
        role: 'owner',
        reindexing: null,
      })
    })

    it('says which models there are when one is wanted that is not set up', async () => {
      const { id } = await backend.collections.create(owner, { name: `models ${name}` })
      await expect(backend.collections.change(owner, id, { embeddingModel: 'mystery' })).rejects.toThrow(
        'There is no embedding model mystery here, only words, other-words, refusing',
      )
    })

    it('says so when its new name is taken', async () => {
      await backend.collections.create(owner, { name: `taken ${name}` })
      const { id } = await backend.collections.create(owner, { name: `free ${name}` })
      await expect(backend.collections.change(owner, id, { name: `taken ${name}` })).rejects.toThrow(
        `There is a collection named "taken ${name}" already`,
      )
    })
  })

  describe('another model', () => {
    it('makes every document anew in the background, each searched as it was until then', async () => {
      const { id } = await backend.collections.create(owner, { name: `switch ${name}` })
      for (const animal of ['otter', 'heron', 'lynx'])
        await upload(id, `${animal}.txt`, `The ${animal} sleeps at noon.`)
      expect(await models(id)).toEqual(['words 1'])
      const changed = await backend.collections.change(owner, id, { embeddingModel: 'other-words' })
      expect(changed.reindexing).toEqual({ done: 0, total: 3 })
      let misses = 0
      while ((await backend.collections.find(owner, id)).reindexing) {
        const { hits } = await backend.search.search(owner, {
          query: 'When does the heron sleep?',
          collectionIds: [id],
        })
        if (hits[0]?.title !== 'heron.txt') misses++
        // The embedded database answers within this very turn, and the job wants one too.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      expect(misses).toBe(0)
      expect(await models(id)).toEqual(['other-words 2'])
      const pages = await backend.documents.list(owner, { collectionId: id, limit: 10 })
      expect(pages.items.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready'])
    })

    it('is given up by choosing the old one again', async () => {
      const { id } = await backend.collections.create(owner, { name: `back ${name}` })
      for (const animal of ['otter', 'heron']) await upload(id, `${animal}.txt`, `The ${animal} sleeps at noon.`)
      await backend.collections.change(owner, id, { embeddingModel: 'other-words' })
      await backend.collections.change(owner, id, { embeddingModel: 'words' })
      await reindexed(id)
      expect((await models(id)).map((model) => model.split(' ')[0])).toEqual(expect.arrayContaining(['words']))
      expect((await models(id)).some((model) => model.startsWith('other'))).toBe(false)
    })

    it('cuts the lines of an import as they were cut when they came', async () => {
      const { id } = await backend.collections.create(owner, { name: `lines ${name}` })
      const text = Array.from({ length: 5 }, (_, n) => `Paragraph ${n} ${'goes on and on '.repeat(20)}.`).join('\n\n')
      await upload(id, 'lines.jsonl', JSON.stringify({ id: 'one', title: 'One. And only', text }))
      const line = async () =>
        (await backend.documents.list(owner, { collectionId: id, limit: 10 })).items.find((one) => !one.hasOriginal)!
      const before = await line()
      const preview = await backend.preview(owner, id, { chunkProfile: defaultChunkProfile, documentId: before.id })
      expect(preview.now.passages).toBe(before.chunksTotal)
      await backend.collections.change(owner, id, { embeddingModel: 'other-words' })
      await reindexed(id)
      expect(await line()).toMatchObject({ chunksTotal: before.chunksTotal, version: before.version + 1 })
      // The file that they came in is made with nothing, and so is no reason to go back.
      await expect(backend.collections.cancelReindexing(owner, id)).rejects.toMatchObject({ code: 'conflict' })
    })

    it('that refuses leaves documents searched as they were, and they are ready again with one that does not', async () => {
      const { id } = await backend.collections.create(owner, { name: `refused ${name}` })
      await upload(id, 'heron.txt', 'The heron sleeps at noon.')
      const all = async () => (await backend.documents.list(owner, { collectionId: id, limit: 10 })).items
      await backend.collections.change(owner, id, { embeddingModel: 'refusing' })
      await expect.poll(async () => (await all())[0]!.status, { timeout: 30_000 }).toBe('failed')
      expect((await all())[0]!.error?.message).toBe('The provider refuses the key')
      const { hits } = await backend.search.search(owner, { query: 'When does the heron sleep?', collectionIds: [id] })
      expect(hits.map(({ title }) => title)).toEqual(['heron.txt'])
      await backend.collections.change(owner, id, { embeddingModel: 'other-words' })
      await expect.poll(async () => (await all())[0]!.status, { timeout: 30_000 }).toBe('ready')
      expect((await models(id)).map((model) => model.split(' ')[0])).toEqual(['other-words'])
    })
  })

  describe('cancelling it', () => {
    const animals = ['otter', 'heron', 'lynx', 'stoat']
    async function halfway(collectionName: string) {
      const { id } = await backend.collections.create(owner, { name: `${collectionName} ${name}` })
      // Words of its own, because the vectors of others are known already.
      for (const animal of animals) await upload(id, `${animal}.txt`, `The ${animal} sleeps ${collectionName} at noon.`)
      slow.letThrough = 2
      await backend.collections.change(owner, id, { embeddingModel: 'slow' })
      await expect
        .poll(async () => (await backend.collections.find(owner, id)).reindexing?.done, { timeout: 30_000 })
        .toBe(2)
      return id
    }
    const all = async (id: string) => (await backend.documents.list(owner, { collectionId: id, limit: 10 })).items
    const leftOver = (id: string) =>
      backend.connection.query(
        `SELECT 1 FROM documents d JOIN LATERAL (
           SELECT version FROM knowledge_entries e WHERE e.workspace_id = d.workspace_id AND e.document_id = d.id UNION ALL
           SELECT version FROM document_pages p WHERE p.workspace_id = d.workspace_id AND p.document_id = d.id) v
           ON v.version <> d.version
         WHERE d.workspace_id = $1 AND d.collection_id = $2`,
        [owner.actor.workspaceId, id],
      )

    it('in the middle goes on with the old model, takes back what was made, and leaves nothing half done', async () => {
      const id = await halfway('cancelled')
      const cancelled = await backend.collections.cancelReindexing(owner, id)
      expect(cancelled.embeddingModel).toBe('words')
      // Those that were not made anew are done at once, while the other model still does not answer.
      expect(cancelled.reindexing).toEqual({ done: 2, total: 4 })
      await reindexed(id)
      expect((await models(id)).map((model) => model.split(' ')[0])).toEqual(['words', 'words'])
      expect((await all(id)).map(({ status, chunksDone, chunksTotal }) => [status, chunksDone, chunksTotal])).toEqual(
        animals.map(() => ['ready', 1, 1]),
      )
      expect(await leftOver(id)).toEqual([])
      slow.letThrough = Infinity
      for (const animal of animals) {
        const { hits } = await backend.search.search(owner, {
          query: `When does the ${animal} sleep?`,
          collectionIds: [id],
        })
        expect(hits[0]?.title).toBe(`${animal}.txt`)
      }
      await expect(backend.collections.cancelReindexing(owner, id)).rejects.toThrow(
        'No document of this collection is being made anew',
      )
      // It can be tried again, with what was written by the first try out of the way.
      await backend.collections.change(owner, id, { embeddingModel: 'slow' })
      await reindexed(id)
      expect(new Set((await models(id)).map((model) => model.split(' ')[0]))).toEqual(new Set(['slow']))
      expect(await leftOver(id)).toEqual([])
    })

    it('keeps a page that was put right meanwhile', async () => {
      const id = await halfway('edited')
      // One that was made anew: the others may begin at any moment.
      const ready = (await all(id)).find(({ status, version }) => status === 'ready' && version > 1)!
      await backend.documents.editPage(owner, ready.id, 1, 'The badger sleeps at noon.')
      await backend.collections.cancelReindexing(owner, id)
      await reindexed(id)
      slow.letThrough = Infinity
      await backend.settled(owner, ready.id)
      await reindexed(id)
      const { hits } = await backend.search.search(owner, { query: 'When does the badger sleep?', collectionIds: [id] })
      expect(hits[0]?.content).toBe('The badger sleeps at noon.')
      expect(new Set((await models(id)).map((model) => model.split(' ')[0]))).toEqual(new Set(['words']))
    })

    it('makes documents ready again that the new model refused', async () => {
      const { id } = await backend.collections.create(owner, { name: `refusal ${name}` })
      await upload(id, 'heron.txt', 'The heron sleeps at noon.')
      await backend.collections.change(owner, id, { embeddingModel: 'refusing' })
      await expect.poll(async () => (await all(id))[0]!.status, { timeout: 30_000 }).toBe('failed')
      await backend.collections.cancelReindexing(owner, id)
      expect((await all(id))[0]).toMatchObject({ status: 'ready', error: null })
    })

    it('is for its owners: others are refused, strangers find nothing', async () => {
      const id = await halfway('rights')
      const [editor, viewer] = [
        await join(backend.connection, owner, 'member'),
        await join(backend.connection, owner, 'viewer'),
      ]
      for (const other of [editor, viewer]) {
        await expect(backend.collections.cancelReindexing(other, id)).rejects.toMatchObject({ code: 'forbidden' })
      }
      const stranger = await signUp(backend.connection, 'stranger')
      await expect(backend.collections.cancelReindexing(stranger, id)).rejects.toMatchObject({ code: 'not_found' })
      expect((await backend.collections.find(owner, id)).embeddingModel).toBe('slow')
      slow.letThrough = Infinity
      await reindexed(id)
    })
  })

  describe('another passage size', () => {
    it('cuts what is there anew, as its preview had said', async () => {
      const { id } = await backend.collections.create(owner, { name: `sizes ${name}` })
      const text = Array.from({ length: 60 }, (_, n) => `Paragraph ${n} tells of the number ${n} and a little more.`)
      const { id: documentId } = await upload(id, 'long.txt', text.join('\n\n'))
      const chunkProfile = { targetCharacters: 300, context: 'none' as const }
      const preview = await backend.preview(owner, id, { chunkProfile })
      expect(preview).toMatchObject({ documentId, title: 'long.txt' })
      expect(preview.wanted.passages).toBeGreaterThan(preview.now.passages)
      const count = async () =>
        (await backend.documents.list(owner, { collectionId: id, limit: 1 })).items[0]!.chunksTotal
      expect(await count()).toBe(preview.now.passages)
      await backend.collections.change(owner, id, { chunkProfile })
      await reindexed(id)
      expect(await count()).toBe(preview.wanted.passages)
      // What was cut by the profile that is in force already is left as it is.
      expect((await backend.collections.change(owner, id, { chunkProfile })).reindexing).toBeNull()
    })

    it('is tried on a text that somebody gives, and nothing of it is stored', async () => {
      const { id } = await backend.collections.create(owner, { name: `try ${name}` })
      const preview = await backend.preview(owner, id, {
        chunkProfile: { targetCharacters: 200, context: 'none' },
        text: 'A sentence that says something. '.repeat(40),
      })
      expect(preview.documentId).toBeNull()
      expect(preview.pages[0]!.passages.length).toBe(preview.wanted.passages)
      expect((await backend.collections.find(owner, id)).documentCount).toBe(0)
      await expect(
        backend.preview(owner, id, { chunkProfile: { targetCharacters: 200, context: 'none' } }),
      ).rejects.toThrow('No document of this collection can be searched yet')
    })
  })

  describe('deleting a collection', () => {
    it('answers at once, frees its name, and clears away documents and bytes in the background', async () => {
      const collectionName = `gone ${name}`
      const { id } = await backend.collections.create(owner, { name: collectionName })
      const document = await upload(id, 'otter.txt', 'The otter sleeps at noon.')
      const [{ object_key: key } = { object_key: '' }] = await backend.connection.query<{ object_key: string }>(
        `SELECT object_key FROM documents WHERE workspace_id = $1 AND id = $2`,
        [owner.actor.workspaceId, document.id],
      )
      await backend.collections.delete(owner, id)
      await expect(backend.collections.find(owner, id)).rejects.toThrow('There is no such collection')
      await expect(backend.documents.find(owner, document.id)).rejects.toThrow('There is no such document')
      expect((await backend.collections.create(owner, { name: collectionName })).name).toBe(collectionName)
      const left = () => backend.connection.query(`SELECT 1 FROM collections WHERE id = $1`, [id])
      await expect.poll(async () => (await left()).length, { timeout: 20_000 }).toBe(0)
      await expect(backend.objectStore.get(key)).rejects.toThrow()
    })
  })

  describe('members', () => {
    it('are let in and out by owners, never without one', async () => {
      const { id } = await backend.collections.create(owner, { name: `members ${name}`, access: 'members' })
      const [reader, viewer] = [
        await join(backend.connection, owner, 'member'),
        await join(backend.connection, owner, 'viewer'),
      ]
      await expect(backend.collections.find(reader, id)).rejects.toThrow('There is no such collection')
      const { userId } = reader.actor
      await backend.members.set(owner, id, { email: `${userId}@example.com`, role: 'reader' })
      expect((await backend.collections.find(reader, id)).role).toBe('reader')
      await expect(backend.collections.change(reader, id, { name: 'mine' })).rejects.toThrow('Only an owner')
      await expect(backend.members.set(reader, id, { userId, role: 'owner' })).rejects.toThrow('Only an owner')
      await expect(backend.members.set(owner, id, { userId: viewer.actor.userId, role: 'editor' })).rejects.toThrow(
        'only views in this workspace',
      )
      await expect(backend.members.set(owner, id, { userId: randomUUID(), role: 'reader' })).rejects.toThrow(
        'Nobody in this workspace has this id',
      )
      await expect(backend.members.remove(owner, id, owner.actor.userId)).rejects.toThrow('A collection needs an owner')
      await expect(backend.members.set(owner, id, { userId: owner.actor.userId, role: 'reader' })).rejects.toThrow(
        'A collection needs an owner',
      )
      await backend.members.remove(owner, id, userId)
      await expect(backend.collections.find(reader, id)).rejects.toThrow('There is no such collection')
    })

    it('may leave by themselves', async () => {
      const { id } = await backend.collections.create(owner, { name: `leaving ${name}`, access: 'members' })
      const reader = await join(backend.connection, owner, 'member')
      await backend.members.set(owner, id, { userId: reader.actor.userId, role: 'reader' })
      await backend.members.remove(reader, id, reader.actor.userId)
      expect(await backend.collections.list(reader)).not.toContainEqual(expect.objectContaining({ id }))
    })

    it('keep whoever closes the door inside', async () => {
      const { id } = await backend.collections.create(owner, { name: `closing ${name}` })
      const admin = await join(backend.connection, owner, 'admin')
      await backend.collections.change(admin, id, { access: 'members' })
      expect((await backend.collections.find(admin, id)).role).toBe('owner')
    })
  })
})

/** Embeds as many texts as it is let, and is silent about the others until it is let again. */
function createHeldEmbedder() {
  const words = createWordEmbedder()
  const held = {
    ...words,
    letThrough: 0,
    async embed(texts: readonly string[], signal?: AbortSignal) {
      while (held.letThrough < texts.length) await sleep(10, undefined, { signal })
      held.letThrough -= texts.length
      return words.embed(texts, signal)
    },
  }
  return held
}

/** Somebody else in the same workspace. */
async function join(connection: Connection, { actor }: Call, role: 'admin' | 'member' | 'viewer'): Promise<Call> {
  const userId = randomUUID()
  await connection.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, '-')`, [
    userId,
    `${userId}@example.com`,
  ])
  await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, $3)`, [
    actor.workspaceId,
    userId,
    role,
  ])
  return {
    actor: { ...actor, userId, role },
    requestId: randomUUID(),
    signal: new AbortController().signal,
    log: silentLog,
  }
}
