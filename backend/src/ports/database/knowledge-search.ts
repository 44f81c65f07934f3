import type { Call } from '../../call.ts'
import { readerOf } from './collection-access.ts'
import type { Scopes } from './connection.ts'
import type { Candidate, SearchFound, SearchQuery, VectorIndexes } from './knowledge-port.ts'
import { filterParams, isFiltering, planSearch, type SearchPlan } from './search-plan.ts'
import { searchStatement, type VectorLeg } from './search-statement.ts'

/** What each leg brings; more do not change the first ten (`npm run eval`). */
const candidatesMin = 100
/** How many the index keeps in view; at least what is asked of it. */
const efSearch = 120

interface Row {
  id: string
  document_id: string
  external_id: string | null
  collection_id: string
  name: string
  media_type: string
  content: string
  page: number
  label: string | null
  ordinal: number
  start_offset: number
  end_offset: number
  embedding_model: string | null
  score: number
  lexical: number | null
  vector: number | null
  lexical_rank: string | number | null
  vector_rank: string | number | null
  lexical_count: number
  vector_count: number
  candidate_count: number
}

export async function search(
  connection: Scopes,
  indexes: VectorIndexes,
  call: Call,
  query: SearchQuery,
): Promise<SearchFound> {
  const [plan, indexed] = await Promise.all([planSearch(connection.tenant(call.actor), call, query), indexes.indexed()])
  const legs = legsOf(query, plan, (model, entries) => indexed.has(model) && entries >= indexes.exactBelow)
  const isHopeless = plan.filtered === 0 || (plan.terms.length === 0 && legs.length === 0 && plan.tags.length === 0)
  const rows = isHopeless ? [] : await find(connection, call, query, plan, legs)
  const [first] = rows
  return {
    candidates: rows.map(candidateOf),
    trace: {
      languages: plan.languages,
      terms: plan.terms,
      averageLength: plan.averageLength,
      entries: { scope: plan.entries, filtered: plan.filtered },
      legs: {
        lexical: first?.lexical_count ?? 0,
        vector: first?.vector_count ?? 0,
        fused: first?.candidate_count ?? 0,
      },
      vectors: legs.map(({ model, way }) => ({ model, way, entries: plan.models.get(model) ?? 0 })),
    },
  }
}

const legsOf = (
  query: SearchQuery,
  plan: SearchPlan,
  isIndexed: (model: string, entries: number) => boolean,
): (VectorLeg & { vector: readonly number[] })[] =>
  query.vectors
    .filter(({ model }) => (plan.models.get(model) ?? 0) > 0)
    .map(({ model, vector }) => {
      const entries = Math.min(plan.models.get(model)!, plan.filtered)
      const way = isIndexed(model, entries) ? 'index' : 'exact'
      return { model, vector, dimensions: vector.length, way }
    })

async function find(
  connection: Scopes,
  call: Call,
  query: SearchQuery,
  plan: SearchPlan,
  legs: ReturnType<typeof legsOf>,
): Promise<Row[]> {
  const [lookedUp, others] = [true, false].map((is) => plan.terms.filter(({ isLookedUp }) => isLookedUp === is))
  const text = searchStatement({
    legs,
    isFiltering: isFiltering(query.filter),
    hasOtherTerms: others!.length > 0,
  })
  const params = [
    call.actor.workspaceId,
    readerOf(call),
    query.collectionIds ?? null,
    ...[lookedUp!, others!].flatMap((terms) => [terms.map(({ term }) => term), terms.map(({ weight }) => weight)]),
    plan.averageLength,
    query.depth ?? Math.max(candidatesMin, 2 * query.limit),
    query.limit,
    plan.tags,
    plan.entries,
    ...filterParams(query.filter),
    ...legs.flatMap(({ vector, model }) => [`[${vector.join(',')}]`, model]),
  ]
  if (!legs.some(({ way }) => way === 'index')) return connection.tenant(call.actor).query<Row>(text, params)
  return connection.tenant(call.actor).transaction(async (tx) => {
    // Other tenants' and filtered passages do not use up the list: the index goes on until enough fit.
    await tx.query(
      `SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '${efSearch}', true)`,
    )
    return tx.query<Row>(text, params)
  })
}

const rankOf = (rank: string | number | null) => (rank === null ? null : Number(rank))

const candidateOf = (row: Row): Candidate => ({
  entryId: row.id,
  documentId: row.document_id,
  externalId: row.external_id,
  collectionId: row.collection_id,
  title: row.name,
  mediaType: row.media_type,
  content: row.content,
  page: row.page,
  pageLabel: row.label,
  start: row.start_offset,
  end: row.end_offset,
  score: row.score,
  scores: { lexical: row.lexical, vector: row.vector },
  ordinal: row.ordinal,
  embeddingModel: row.embedding_model,
  ranks: { lexical: rankOf(row.lexical_rank), vector: rankOf(row.vector_rank) },
})
