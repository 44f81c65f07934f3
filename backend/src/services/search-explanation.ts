import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { DocumentStanding, SearchExplanation } from '@nitroagi/shared/search'
import type { Call } from '../call.ts'
import type { Candidate, KnowledgeRepository, Standing } from '../ports/database/knowledge-port.ts'
import { hitOf } from './search-arrangement.ts'
import type { Searched } from './search.ts'

type Knowledge = Pick<KnowledgeRepository, 'standings' | 'searchable'>
type Stages = SearchExplanation['stages']

/** The hits with what every stage thought of them and, for a document that somebody misses, where it was lost. */
export async function explainSearch(
  call: Call,
  knowledge: Knowledge,
  searched: Searched,
  documentId: string | undefined,
): Promise<{ hits: SearchHit[]; explanation: SearchExplanation }> {
  const { candidates, looked, trace, reranked } = searched
  const standings = await standingsOf(call, knowledge, searched)
  const brought = looked.map(({ found }) => rankIn(found.candidates))
  const fusionRank = rankIn(candidates)
  const rerankRank = rankIn(reranked?.candidates ?? [])
  const hits = searched.hits.map((hit, index): SearchHit => {
    const standing = standings.get(hit.entryId)
    return {
      ...hitOf(hit),
      explanation: {
        terms: standing?.terms ?? [],
        cosine: hit.scores.vector,
        embeddingModel: hit.embeddingModel,
        ranks: {
          words: hit.ranks.lexical,
          meaning: hit.ranks.vector,
          fusion: fusionRank.get(hit.entryId)!,
          rerank: rerankRank.get(hit.entryId) ?? null,
          final: index + 1,
        },
        rerankScore: reranked?.scores.get(hit.entryId) ?? null,
        joined: hit.joined,
        formulations: broughtBy(brought, hit.entryId),
      },
    }
  })
  return {
    hits,
    explanation: {
      rewritten: searched.rewritten,
      formulations: looked.map(({ text, by, found }) => ({ text, by, passages: found.candidates.length })),
      modelFailure: searched.modelFailure,
      languages: trace.languages,
      terms: trace.terms.map(({ term, entries, weight }) => ({ term, passages: entries, weight })),
      stages: stagesOf(searched),
      document: documentId === undefined ? null : await standingOf(call, knowledge, searched, documentId),
    },
  }
}

/** Each hit by the formulation whose scores it has. */
async function standingsOf(call: Call, knowledge: Knowledge, { looked, hits }: Searched) {
  const scores = looked.map(({ found }) => new Map(found.candidates.map(({ entryId, scores }) => [entryId, scores])))
  const isOf = (hit: Candidate, index: number) => {
    const own = scores[index]!.get(hit.entryId)
    return own !== undefined && own.lexical === hit.scores.lexical && own.vector === hit.scores.vector
  }
  const standings = await Promise.all(
    looked.map(async ({ query, found }, index) => {
      const own = hits.filter((hit) => looked.findIndex((_, other) => isOf(hit, other)) === index)
      const entryIds = own.map(({ entryId }) => entryId)
      return entryIds.length > 0 ? knowledge.standings(call, query, found.trace, { entryIds }) : []
    }),
  )
  return new Map(standings.flat().map((standing) => [standing.entryId, standing]))
}

const broughtBy = (ranks: readonly ReadonlyMap<string, number>[], entryId: string) =>
  ranks.flatMap((own, index) => {
    const rank = own.get(entryId)
    return rank === undefined ? [] : [{ index, rank }]
  })

const rankIn = (candidates: readonly Candidate[]) =>
  new Map(candidates.map(({ entryId }, index) => [entryId, index + 1] as const))

function stagesOf({ query, trace, away, looked, reranked, hits, same, arrange, ms }: Searched): Stages {
  const joined = hits.reduce((sum, hit) => sum + hit.joined, 0)
  const meaning = [
    ...trace.vectors.map(({ model, entries, way }) => `${model}: ${count(entries)}, ${ways[way]}`),
    ...[...away.keys()].map((model) => `${model}: away, so its passages are searched by words alone`),
  ]
  const several = `of ${looked.length} formulations, merged`
  const skipped = trace.terms.filter(({ isLookedUp }) => !isLookedUp).map(({ term }) => term)
  const stages: Stages = [
    { stage: 'scope', passages: trace.entries.scope, ms: null, note: null },
    { stage: 'filter', passages: trace.entries.filtered, ms: null, note: null },
    {
      stage: 'words',
      passages: trace.legs.lexical,
      ms: round(ms.search),
      note: skipped.length > 0 ? `too frequent to be looked up by themselves: ${skipped.join(', ')}` : null,
    },
    {
      stage: 'meaning',
      passages: trace.legs.vector,
      ms: round(ms.embedding),
      note: query.vectors.length === 0 ? 'no vector of the question: searched by words alone' : meaning.join('; '),
    },
    { stage: 'fusion', passages: trace.legs.fused, ms: null, note: looked.length > 1 ? several : null },
  ]
  if (reranked)
    stages.push({
      stage: 'rerank',
      passages: reranked.candidates.length,
      ms: round(ms.rerank ?? 0),
      note: reranked.model,
    })
  if (arrange === 'varied') {
    const note = [
      joined > 0 && `${joined} joined to a neighbour`,
      same.size > 0 && `${same.size} said the same as another`,
    ]
    stages.push({
      stage: 'arrangement',
      passages: hits.length,
      ms: round(ms.arrangement),
      note: note.filter(Boolean).join(', ') || null,
    })
  }
  return [...stages, { stage: 'limit', passages: hits.length, ms: null, note: null }]
}

const ways = { exact: 'each compared', index: 'nearest by the index' }

/** The first stage that lost the document, in words. What one may not read is answered like what is not there. */
async function standingOf(
  call: Call,
  knowledge: Knowledge,
  searched: Searched,
  documentId: string,
): Promise<DocumentStanding> {
  const { query, trace, reranked, hits } = searched
  const nothing = { words: null, meaning: null, fusion: null, rerank: null, final: null }
  const lost = (lostAt: DocumentStanding['lostAt'], reason: string, known: Partial<DocumentStanding> = {}) => ({
    documentId,
    lostAt,
    reason,
    ranks: nothing,
    scores: { lexical: null, vector: null },
    ...known,
  })
  const document = await knowledge.searchable(call, query, documentId)
  if (!document) return lost('scope', 'There is no such document in the collections that were searched.')
  if (document.passages === 0)
    return lost('scope', 'It has no passage that can be found: it is not read yet, or has no text.')
  if (document.isFiltered) return lost('filter', 'Its tags, type or date are not among those that were asked for.')

  const best = bestOf(await knowledge.standings(call, query, trace, { documentId }))
  const own = (candidates: readonly Candidate[]) => rankOf(candidates, documentId)
  const candidates = searched.candidates.filter((candidate) => candidate.documentId === documentId)
  const ranks = {
    words: least(candidates.map((candidate) => candidate.ranks.lexical)),
    meaning: least(candidates.map((candidate) => candidate.ranks.vector)),
    fusion: own(searched.candidates),
    rerank: reranked && own(reranked.candidates),
    final: own(hits),
  }
  const known = { ranks, scores: { lexical: best.lexical, vector: best.vector } }
  if (ranks.final !== null) return lost(null, `It is hit ${ranks.final}.`, known)
  if (ranks.fusion === null) return { ...lost(...missed(best, query.depth!)), ...known }
  const twin = candidates.map(({ entryId }) => searched.same.get(entryId)).find((hit) => hit !== undefined)
  if (twin) return lost('arrangement', `It says the same as a passage of ${twin.title}, which is shown.`, known)
  if (ranks.fusion <= searched.limit)
    return reranked
      ? lost('rerank', `It was number ${ranks.fusion}, and the reranker put it to ${ranks.rerank ?? 'the end'}.`, known)
      : lost('arrangement', `It was number ${ranks.fusion}, behind others of its document or of others like it.`, known)
  return lost('limit', `Its best passage is number ${ranks.fusion}; ${count(searched.limit)} were asked for.`, known)
}

function missed(best: Pick<Standing, 'lexical' | 'vector'>, depth: number): ['words' | 'meaning', string] {
  const distance = `its meaning is not among the ${depth} nearest`
  if (best.lexical === null)
    return best.vector === null
      ? ['words', 'No word of the question stands in it, and it has no vector to compare.']
      : ['meaning', `No word of the question stands in it, and ${distance} (cosine ${best.vector.toFixed(2)}).`]
  return [
    'words',
    `Its words are not among the ${depth} best (${best.lexical.toFixed(1)})${best.vector === null ? '' : `, and ${distance}`}.`,
  ]
}

const bestOf = (standings: readonly Standing[]) => ({
  lexical: most(standings.map(({ lexical }) => lexical)),
  vector: most(standings.map(({ vector }) => vector)),
})

function rankOf(candidates: readonly Candidate[], documentId: string): number | null {
  const index = candidates.findIndex((candidate) => candidate.documentId === documentId)
  return index < 0 ? null : index + 1
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null)
const least = (values: readonly (number | null)[]) => (known(values).length > 0 ? Math.min(...known(values)) : null)
const most = (values: readonly (number | null)[]) => (known(values).length > 0 ? Math.max(...known(values)) : null)
const count = (passages: number) => `${passages} ${passages === 1 ? 'passage' : 'passages'}`
const round = (ms: number) => Math.round(ms * 10) / 10
