import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SearchRequest } from '@nitroagi/shared/knowledge'
import type { Call } from '../src/call.ts'
import { startEmbeddingServer } from '../src/ports/embedder/embedding-server.ts'
import { createProviderEmbedder } from '../src/ports/embedder/provider.ts'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { createSearch } from '../src/services/search.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

const words = createWordEmbedder()
let server: Awaited<ReturnType<typeof startEmbeddingServer>>
let backend: KnowledgeBackend
let call: Call

beforeAll(async () => {
  server = await startEmbeddingServer()
  const letters = { provider: 'compatible', modelId: 'letters', dimensions: 8, baseUrl: server.baseUrl } as const
  backend = await openKnowledge(await openMemory(), [words, createProviderEmbedder({ ...letters, apiKey: 'sk-x' })])
  call = await signUp(backend.connection, 'searcher')
})
afterAll(async () => {
  await backend.close()
  await server.close().catch(() => {})
})

/** A collection with one document a passage; its id. */
async function holding(name: string, passages: Record<string, string>, embeddingModel?: string): Promise<string> {
  const { id } = await backend.collections.create(call, { name, ...(embeddingModel ? { embeddingModel } : {}) })
  const lines = Object.entries(passages).map(([id, text]) => JSON.stringify({ id, text, title: id }))
  const file = Readable.from([Buffer.from(lines.join('\n'))])
  const { documents } = await backend.documents.upload(call, id, { name: `${name}.jsonl` }, file)
  expect(await backend.settled(call, documents[0]!.id)).toMatchObject({ status: 'ready' })
  return id
}

const search = (request: SearchRequest, { search } = backend.search) => search(call, request)
const namesOf = async (request: SearchRequest) => (await search(request)).hits.map(({ externalId }) => externalId)

describe('several questions in one message', () => {
  let collectionIds: string[]
  const faust = 'Johann Wolfgang von Goethe wrote Faust, a tragedy in two parts.'
  beforeAll(async () => {
    const about = ['Mephisto', 'Gretchen', 'the witches', 'the pact', 'Wagner', 'the poodle']
    const others = about.map(
      (who) => [who, `Who wrote of ${who} in Faust, and when? Goethe wrote all of Faust.`] as const,
    )
    collectionIds = [
      await holding('Culture', {
        faust,
        tower: 'The Eiffel Tower was built for the World Fair of 1889.',
        bridge: 'The Golden Gate Bridge opened in 1937.',
        ...Object.fromEntries(others),
      }),
    ]
  })

  it.each([
    'Who wrote Faust and when was the Eiffel Tower built?',
    'Who wrote Faust? When was the Eiffel Tower built?',
    'I have two questions.\n1. Who wrote Faust\n2. When was the Eiffel Tower built',
  ])('each find their passage: %s', async (query) => {
    const best = await namesOf({ query, collectionIds, limit: 2 })
    expect(best).toContain('tower')
    expect(best.some((name) => name !== 'tower' && name !== 'bridge')).toBe(true)
  })

  it('are told apart in the explanation, and the order follows the scores', async () => {
    const query = 'Who wrote Faust? When did the Golden Gate Bridge open? When was the Eiffel Tower built?'
    const { hits, explanation } = await search({ query, collectionIds, explain: true })
    expect(explanation!.formulations.map(({ text, by }) => [by, text])).toEqual([
      ['asked', query],
      ['question', 'Who wrote Faust?'],
      ['question', 'When did the Golden Gate Bridge open?'],
      ['question', 'When was the Eiffel Tower built?'],
    ])
    const tower = hits.find(({ externalId }) => externalId === 'tower')!
    expect(tower.explanation!.formulations).toContainEqual({ index: 3, rank: 1 })
    expect(tower.explanation!.ranks.final).toBeLessThan(4)
    const scores = hits.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(hits.map(({ externalId }) => externalId)).toEqual(await namesOf({ query, collectionIds }))
  })

  it('are searched as one when that is asked for, and one question costs no second search', async () => {
    const query = 'Who wrote Faust? When was the Eiffel Tower built?'
    const before = words.embedded.length
    const { explanation } = await search({ query, collectionIds, rewrite: 'none', explain: true })
    expect(explanation!.formulations).toHaveLength(1)
    await search({ query: 'Where is the Golden Gate Bridge?', collectionIds })
    expect(words.embedded.slice(before)).toEqual([query, 'Where is the Golden Gate Bridge?'])
  })
})

describe('acronyms', () => {
  let collectionIds: string[]
  beforeAll(async () => {
    const session = (year: number) =>
      [`session-${year}`, `The assembly of ${year} chose a president and a host.`] as const
    collectionIds = [
      await holding('Bodies', {
        founding: 'The International Olympic Committee (IOC) was founded in Paris in 1894 by Pierre de Coubertin.',
        seat: 'The seat of the International Olympic Committee is a villa beside the lake in Lausanne.',
        vote: 'In a vote in Buenos Aires the IOC gave the summer games to Tokyo.',
        health: 'The World Health Organization (WHO) is an agency that works from Geneva.',
        nets: 'The World Health Organization recommends a treated net above every bed.',
        ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => session(1990 + index))),
      }),
    ]
  })
  const placeOf = async (name: string, request: Omit<SearchRequest, 'collectionIds'>) =>
    (await namesOf({ ...request, collectionIds })).indexOf(name) + 1

  it('find what only the long form stands in, as the documents define it', async () => {
    const { hits, explanation } = await search({ query: 'Where is the seat of the IOC?', collectionIds, explain: true })
    expect(hits[0]!.externalId).toBe('seat')
    expect(explanation!.formulations).toMatchObject([
      { by: 'asked' },
      { by: 'acronym', text: 'Where is the seat of the International Olympic Committee?' },
    ])
    expect(hits[0]!.explanation!.formulations).toContainEqual({ index: 1, rank: 1 })
    expect(hits[0]!.explanation!.terms.map(({ term }) => term)).toEqual(expect.arrayContaining(['olymp', 'seat']))
  })

  it('are found by the long form too', async () => {
    const query = 'Which games did the International Olympic Committee give to Tokyo by vote?'
    const { hits, explanation } = await search({ query, collectionIds, explain: true })
    expect(explanation!.formulations[1]).toMatchObject({
      by: 'acronym',
      text: expect.stringContaining('did the IOC give'),
    })
    expect(hits[0]!.externalId).toBe('vote')
  })

  it('find it when the passages at hand define nothing, and when the acronym is a word that no search knows', async () => {
    const query = 'What does the WHO recommend?'
    expect(await placeOf('nets', { query, limit: 1 })).toBe(1)
    const { explanation } = await search({ query, collectionIds, explain: true })
    expect(explanation!.formulations[1]).toMatchObject({ text: 'What does the World Health Organization recommend?' })
  })

  it('stand for nothing that somebody may not read, and for nothing when nobody defines them', async () => {
    const stranger = await signUp(backend.connection, 'stranger')
    const passages = await backend.ports.knowledge.definingPassages(call, { collectionIds: undefined }, 'IOC', ['ioc'])
    expect(passages).toHaveLength(1)
    for (const stems of [['ioc'], []])
      expect(
        await backend.ports.knowledge.definingPassages(stranger, { collectionIds: undefined }, 'IOC', stems),
      ).toEqual([])
    const { explanation } = await search({ query: 'Where is the seat of the XQZ?', collectionIds, explain: true })
    expect(explanation!.formulations).toHaveLength(1)
  })
})

describe('a language model', () => {
  const query = 'How do I get my cash back?'
  const said = JSON.stringify({
    formulations: ['reimbursement of payments', 'How do I get my cash back?', 'refund policy'],
  })
  const asked = { query, rewrite: 'model', explain: true } as const
  let collectionIds: string[]
  beforeAll(async () => {
    collectionIds = [
      await holding('Shop', {
        refund: 'Reimbursement: payments are returned within two weeks of receipt.',
        register: 'Count the cash in the register, and get back to the manager.',
        parcel: 'A parcel that comes back goes to the store.',
      }),
    ]
  })
  const withModel = (script: Parameters<typeof createScriptedLanguageModels>[0]) => {
    const models = createScriptedLanguageModels(script)
    return { models, search: createSearch({ ...backend.ports, models }) }
  }

  it('rewords a question once, and what it says is searched for too', async () => {
    const { models, search: own } = withModel({ deltas: [said] })
    const { hits, explanation, notices } = await search({ ...asked, collectionIds }, own)
    expect(explanation!.formulations.map(({ by, text }) => [by, text])).toEqual([
      ['asked', query],
      ['model', 'reimbursement of payments'],
      ['model', 'refund policy'],
    ])
    expect(notices).toBeUndefined()
    const refund = hits.find(({ externalId }) => externalId === 'refund')!
    expect(refund.explanation!.formulations).toContainEqual({ index: 1, rank: 1 })
    const byRules = (await search({ query, collectionIds })).hits.map(({ externalId }) => externalId)
    const byModel = hits.map(({ externalId }) => externalId)
    expect(byModel.indexOf('refund')).toBeLessThan(byRules.indexOf('refund'))
    await search({ ...asked, collectionIds }, own)
    expect(models.calls).toHaveLength(1)
  })

  it.each([
    ['fails', { failAfter: 0, failure: { status: 500 } }],
    ['is late', { deltas: [said], firstDelayMs: 60_000 }],
    ['says no JSON', { deltas: ['Try a refund.'] }],
  ] as const)('that %s leaves the search to the rules, and the answer says so', async (_, script) => {
    const { search: own } = withModel({ ...script, deltas: [...('deltas' in script ? script.deltas : [])] })
    const { hits, explanation, notices } = await search({ ...asked, collectionIds }, own)
    expect(notices).toMatchObject([{ code: 'reworded_by_rules' }])
    expect(explanation!.modelFailure).toMatch(/scripted/)
    const byRules = await search({ query, collectionIds })
    expect(hits.map(({ entryId, score }) => [entryId, score])).toEqual(
      byRules.hits.map(({ entryId, score }) => [entryId, score]),
    )
  })

  it('that is not set up is said so, and one may only be asked by who may chat', async () => {
    const { notices } = await search({ query, collectionIds, rewrite: 'model' })
    expect(notices).toMatchObject([{ code: 'reworded_by_rules', message: expect.stringMatching(/Set one up/) }])
    const reader: Call = { ...call, actor: { ...call.actor, scopes: ['read'] } }
    await expect(backend.search.search(reader, { query, rewrite: 'model' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('two collections with different embedding models', () => {
  it('are searched in one request, and by words alone where the model is away, which the answer says', async () => {
    const letters = 'compatible/letters@8'
    const near = await holding('Near', {
      owl: 'The owl sleeps in the barn by day.',
      cow: 'A cow stands on the meadow.',
    })
    const far = await holding(
      'Far',
      { stork: 'The stork nests on the barn.', hen: 'A hen runs over the yard.' },
      letters,
    )
    const asked = { query: 'Which bird is at the barn?', collectionIds: [near, far], explain: true }
    const both = await search(asked)
    expect(both.notices).toBeUndefined()
    const models = new Map(both.hits.map(({ externalId, explanation }) => [externalId, explanation!.embeddingModel]))
    expect(models).toEqual(new Map([['owl', 'words'], ['cow', 'words'], ['stork', letters], ['hen', letters]])) // prettier-ignore
    expect(both.hits.every(({ scores }) => scores.vector !== null)).toBe(true)

    await server.close()
    const { hits, notices, explanation } = await search(asked)
    expect(notices).toMatchObject([{ code: 'searched_by_words', collectionIds: [far] }])
    expect(notices![0]!.message).toMatch(/^1 of 2 collections searched by words alone.*compatible\/letters@8/)
    const scores = new Map(hits.map((hit) => [hit.externalId, hit.scores]))
    expect(scores.get('stork')).toMatchObject({ lexical: expect.any(Number), vector: null })
    expect(scores.get('owl')).toMatchObject({ lexical: expect.any(Number), vector: expect.any(Number) })
    expect(explanation!.stages.find(({ stage }) => stage === 'meaning')!.note).toMatch(/letters@8: away/)
    const plain = await search({ ...asked, explain: false })
    expect(plain.notices).toEqual(notices)
  })
})
