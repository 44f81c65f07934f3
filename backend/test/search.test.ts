import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SearchRequest } from '@nitroagi/shared/knowledge'
import type { Call } from '../src/call.ts'
import { createHttpReranker } from '../src/ports/reranker/http.ts'
import { createSearch } from '../src/services/search.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

const embedder = createWordEmbedder()
let backend: KnowledgeBackend
let call: Call
let collectionId: string

beforeAll(async () => {
  backend = await openKnowledge(await openMemory(), embedder)
  call = await signUp(backend.connection, 'searcher')
  collectionId = (await backend.collections.create(call, { name: 'Notes' })).id
})
afterAll(() => backend.close())

async function add(text: string, name: string, into = collectionId, by = call) {
  const { documents } = await backend.documents.upload(by, into, { name }, Readable.from([Buffer.from(text)]))
  return backend.settled(by, documents[0]!.id)
}

const find = async (request: SearchRequest, by = call) => (await backend.search.search(by, request)).hits

/** Somebody else of the same workspace. */
async function colleague(): Promise<Call> {
  const userId = randomUUID()
  await backend.connection.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, '-')`, [
    userId,
    `${userId}@example.com`,
  ])
  await backend.connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'member')`, [
    call.actor.workspaceId,
    userId,
  ])
  return { ...call, actor: { ...call.actor, userId, role: 'member' } }
}

const tag = (id: string, ...tags: string[]) => backend.documents.change(call, id, { tags })

describe('filters', () => {
  it('find only what has a tag, a type or a date that was asked for', async () => {
    const old = await add('The quokka report of the spring.', 'spring.txt')
    const recent = await add('# Report\n\nThe quokka report of the autumn.', 'autumn.md')
    await tag(old.id, 'archive')
    await backend.connection.query(`UPDATE documents SET document_date = '2020-04-01' WHERE id = $1`, [old.id])
    const titles = async (request: Omit<SearchRequest, 'query'>) =>
      (await find({ query: 'quokka report', ...request })).map((hit) => hit.title).sort()
    expect(await titles({})).toEqual(['autumn.md', 'spring.txt'])
    expect(await titles({ tags: ['archive', 'other'] })).toEqual(['spring.txt'])
    expect(await titles({ tags: ['other'] })).toEqual([])
    expect(await titles({ mediaTypes: ['text/markdown'] })).toEqual([recent.name])
    expect(await titles({ to: '2021-01-01T00:00:00Z' })).toEqual(['spring.txt'])
    expect(await titles({ from: '2021-01-01T00:00:00Z' })).toEqual(['autumn.md'])
  })

  it('let a tag be asked for in words', async () => {
    const document = await add('Nothing in here says what it is about.', 'untitled.txt')
    await tag(document.id, 'tax return')
    expect((await find({ query: 'Where is my tax return?' }))[0]?.documentId).toBe(document.id)
  })
})

describe('what was searched before', () => {
  it('is answered without embedding it again, until something changes', async () => {
    const document = await add('A heron stood in the shallow water.', 'heron.txt')
    const asked = { query: 'heron in the water' }
    const first = await find(asked)
    const before = embedder.embedded.length
    expect(await find(asked)).toEqual(first)
    expect(embedder.embedded).toHaveLength(before)
    for (const change of [
      () => backend.connection.query(`UPDATE documents SET name = 'egret.txt' WHERE id = $1`, [document.id]),
      () => tag(document.id, 'bird'),
      () => backend.connection.query(`UPDATE knowledge_entries SET tags = '{x}' WHERE document_id = $1`, [document.id]),
      () => add('Another heron, in other water.', 'second.txt'),
    ]) {
      const count = embedder.embedded.length
      await change()
      await find(asked)
      expect(embedder.embedded.length).toBeGreaterThan(count)
    }
    expect((await find(asked)).map((hit) => hit.title)).toContain('egret.txt')
    await backend.documents.delete(call, document.id)
    expect((await find(asked)).map((hit) => hit.title)).not.toContain('egret.txt')
  })

  it('is lost at once to whoever may not read it any more', async () => {
    const secret = await backend.collections.create(call, { name: 'Board', access: 'members' })
    await add('The merger is called Operation Walnut.', 'merger.txt', secret.id)
    const other = await colleague()
    const asked = { query: 'Operation Walnut' }
    const secrets = async (by: Call) => (await find(asked, by)).filter((hit) => hit.collectionId === secret.id)
    const member = [call.actor.workspaceId, secret.id, other.actor.userId]
    expect(await secrets(call)).toHaveLength(1)
    expect(await secrets(other)).toEqual([])
    await backend.connection.query(`INSERT INTO collection_members VALUES ($1, $2, $3, 'reader')`, member)
    expect(await secrets(other)).toHaveLength(1)
    await backend.connection.query(
      `DELETE FROM collection_members WHERE workspace_id = $1 AND collection_id = $2 AND user_id = $3`,
      member,
    )
    expect(await secrets(other)).toEqual([])
    expect(await find({ ...asked, collectionIds: [secret.id] }, other)).toEqual([])
    expect(await secrets(call)).toHaveLength(1)
  })
})

describe('a varied answer', () => {
  it('joins neighbours to one passage that lies where it says', async () => {
    const paragraphs = Array.from(
      { length: 4 },
      (_, index) =>
        `Paragraph ${index} speaks of the zeppelin. ${'It is long enough to be cut from the next one, as paragraphs are. '.repeat(8)}`,
    )
    const own = await backend.collections.create(call, { name: 'Zeppelins' })
    const document = await add(paragraphs.join('\n\n'), 'zeppelin.txt', own.id)
    const asked = { query: 'paragraph zeppelin', collectionIds: [own.id] }
    const plain = await find(asked)
    const varied = await find({ ...asked, arrange: 'varied' })
    expect(plain.length).toBeGreaterThan(varied.length)
    const page = await backend.documents.page(call, document.id, 1)
    for (const hit of varied) expect(page.text.slice(hit.start, hit.end)).toBe(hit.content)
  })

  it('shows what says the same once', async () => {
    const own = await backend.collections.create(call, { name: 'Copies' })
    for (const name of ['a.txt', 'b.txt'])
      await add(`The lighthouse keeper lives on the island all year. ${name === 'a.txt' ? '' : ' '}`, name, own.id)
    const asked = { query: 'lighthouse keeper', collectionIds: [own.id] }
    expect(await find(asked)).toHaveLength(2)
    expect(await find({ ...asked, arrange: 'varied' })).toHaveLength(1)
  })
})

describe('an explanation', () => {
  it('says what each word added and where each hit came from', async () => {
    const { hits, explanation } = await backend.search.search(call, {
      query: 'Can you tell me where the heron stood?',
      explain: true,
    })
    expect(explanation!.rewritten).toBe('where the heron stood?')
    const [first] = hits
    const words = first!.explanation!.terms.reduce((sum, { score }) => sum + score, 0)
    expect(words).toBeCloseTo(first!.scores.lexical!, 4)
    expect(first!.explanation!.ranks).toMatchObject({ words: 1, fusion: 1, final: 1 })
    expect(explanation!.stages.map(({ stage }) => stage)).toEqual([
      'scope',
      'filter',
      'words',
      'meaning',
      'fusion',
      'limit',
    ])
    const plain = await find({ query: 'Can you tell me where the heron stood?' })
    expect(hits.map((hit) => hit.entryId)).toEqual(plain.map((hit) => hit.entryId))
  })

  it('says where a document was lost that somebody misses', async () => {
    const lostAt = async (explainDocumentId: string, request: Partial<SearchRequest> = {}, by = call) => {
      const { explanation } = await backend.search.search(by, { query: 'quokka report', explainDocumentId, ...request })
      return explanation!.document!
    }
    const document = (await find({ query: 'quokka report' }))[0]!.documentId
    expect(await lostAt(document)).toMatchObject({ lostAt: null, ranks: { final: 1 } })
    expect(await lostAt(document, { mediaTypes: ['image/png'] })).toMatchObject({ lostAt: 'filter' })
    const second = (await find({ query: 'quokka report' }))[1]!.documentId
    expect(await lostAt(second, { limit: 1 })).toMatchObject({
      lostAt: 'limit',
      ranks: { final: null, fusion: 2 },
    })
    // Not there, not in the collections that were named, and not one's own: three times the same answer.
    const stranger = await signUp(backend.connection, 'stranger')
    const elsewhere = await backend.collections.create(call, { name: 'Elsewhere' })
    const nowhere = await lostAt(randomUUID())
    expect(nowhere.lostAt).toBe('scope')
    for (const same of [
      await lostAt(document, {}, stranger),
      await lostAt(document, { collectionIds: [elsewhere.id] }),
    ])
      expect({ ...same, documentId: '' }).toEqual({ ...nowhere, documentId: '' })
  })
})

describe('a reranker', () => {
  async function serve(answer: (texts: string[]) => unknown) {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { documents: string[] }
      const said = answer(body.documents)
      if (said === undefined) response.writeHead(500).end()
      else response.end(JSON.stringify(said))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const search = createSearch({ ...backend.ports, reranker: createHttpReranker({ url, model: 'cross' }) })
    return { search, [Symbol.asyncDispose]: async () => void server.close() }
  }

  it('puts the passages into its own order', async () => {
    await using reranked = await serve((texts) => ({
      results: texts.map((text, index) => ({ index, relevance_score: text.includes('autumn') ? 1 : 0 })),
    }))
    const asked = { query: 'quokka report spring' }
    expect((await find(asked))[0]!.title).toBe('spring.txt')
    const { hits, explanation } = await reranked.search.search(call, { ...asked, explain: true })
    expect(hits[0]!.title).toBe('autumn.md')
    expect(hits[0]!.explanation!.ranks).toMatchObject({ fusion: 2, rerank: 1, final: 1 })
    expect(explanation!.stages.map(({ stage }) => stage)).toContain('rerank')
  })

  it('changes nothing when it fails', async () => {
    await using reranked = await serve(() => undefined)
    const asked = { query: 'quokka report spring' }
    expect((await reranked.search.search(call, asked)).hits).toEqual(await find(asked))
  })
})
