import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit, SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type {
  Candidate,
  KnowledgeRepository,
  QuestionVector,
  SearchFound,
  SearchQuery,
} from '../ports/database/knowledge-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'
import type { Reranker } from '../ports/reranker/port.ts'
import { cacheKey, createQueryCache } from './query-cache.ts'
import { withoutFrames } from './query-rewrites.ts'
import { type Arranged, diversify, hitOf, joinNeighbours } from './search-arrangement.ts'
import { explainSearch } from './search-explanation.ts'

export type Search = ReturnType<typeof createSearch>

interface Needs {
  collections: CollectionsRepository
  knowledge: KnowledgeRepository
  embedders: Embedders
  /** None: the order is that of the fused scores. */
  reranker?: Reranker | undefined
}

/** What each leg brings; more do not change the first ten. */
const depth = 100
/** Passages that a reranker is given. It reads every one of them. */
const rerankedMax = 30
const rerankSeconds = 3
const cacheLimits = { maxBytes: 16 * 1024 * 1024, ttlMs: 10 * 60_000 }

/** One search with all that its stages made of it. */
export interface Searched {
  query: SearchQuery
  limit: number
  /** Null when the question was searched for as it was asked. */
  rewritten: string | null
  found: SearchFound
  reranked: Reranked | null
  /** After the arrangement, cut to the limit. */
  hits: Arranged[]
  /** Passages that say the same as a better one. */
  same: Map<string, Arranged>
  arrange: 'plain' | 'varied'
  ms: { embedding: number; search: number; rerank: number | null; arrangement: number }
}

export interface Reranked {
  model: string
  candidates: Candidate[]
  scores: Map<string, number>
}

export function createSearch({ collections, knowledge, embedders, reranker }: Needs) {
  const cache = createQueryCache<SearchHit[]>(cacheLimits)

  /** The question in each space; where one cannot be had, its collections are searched by words, which is better than no answer. */
  async function embed(call: Call, query: string, models: readonly string[]): Promise<QuestionVector[]> {
    const vectors = await Promise.all(
      models.map(async (model) => {
        const embedder = embedders.find(model)
        if (!embedder) {
          call.log.warn('search-without-vectors', { model, error: 'This model is not set up.' })
          return undefined
        }
        try {
          const [vector] = await embedder.embed([query], call.signal, 'question')
          return vector && { model, vector }
        } catch (error) {
          if (!(error instanceof NitroError)) throw error
          call.log.warn('search-without-vectors', { model, error })
          return undefined
        }
      }),
    )
    return vectors.filter((vector) => vector !== undefined)
  }

  /** Null when the reranker is away or slow: the order stays as it is then. */
  async function rerank(call: Call, question: string, candidates: readonly Candidate[]): Promise<Reranked | null> {
    if (!reranker || candidates.length < 2) return null
    const best = candidates.slice(0, rerankedMax)
    try {
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(rerankSeconds * 1000)])
      const texts = best.map(({ title, content }) => `${title}\n${content}`)
      const scores = await reranker.rerank(question, texts, signal)
      const byId = new Map(best.map(({ entryId }, index) => [entryId, scores[index]!]))
      return {
        model: reranker.id,
        scores: byId,
        candidates: best
          .map((candidate) => ({ ...candidate, score: byId.get(candidate.entryId)! }))
          .sort((a, b) => b.score - a.score),
      }
    } catch (error) {
      if (call.signal.aborted || !(error instanceof NitroError)) throw error
      call.log.warn('search-without-rerank', { model: reranker.id, error })
      return null
    }
  }

  async function arrangeVaried(call: Call, candidates: readonly Candidate[], limit: number) {
    const pages = new Map<string, Promise<string | undefined>>()
    const joined = await joinNeighbours(candidates, ({ documentId, page }) => {
      const key = `${documentId} ${page}`
      const text = pages.get(key) ?? knowledge.page(call, documentId, page).then((found) => found?.text)
      pages.set(key, text)
      return text
    })
    return diversify(joined, limit)
  }

  async function look(
    call: Call,
    request: SearchRequest,
    query: Omit<SearchQuery, 'vectors' | 'limit'>,
    models: string[],
  ) {
    const { limit = 10, arrange = 'plain', rerank: mayRerank = true } = request
    const times = [performance.now()]
    const lap = () => times[times.push(performance.now()) - 1]! - times.at(-2)!
    const vectors = await embed(call, query.text, models)
    const embedding = lap()
    const wantsRerank = mayRerank && reranker !== undefined
    const pool = arrange === 'plain' && !wantsRerank ? limit : Math.max(3 * limit, rerankedMax)
    const isExplained = request.explain === true || request.explainDocumentId !== undefined
    const asked = { ...query, vectors, depth, limit: isExplained ? 2 * depth : pool }
    const found = await knowledge.search(call, asked)
    const search = lap()
    const pooled = found.candidates.slice(0, pool)
    const reranked = wantsRerank ? await rerank(call, query.text, pooled) : null
    const rerankMs = reranked && lap()
    const ordered = reranked?.candidates ?? pooled
    const arranged =
      arrange === 'varied'
        ? await arrangeVaried(call, ordered, limit)
        : { hits: ordered.slice(0, limit).map((hit) => ({ ...hit, joined: 0 })), same: new Map<string, Arranged>() }
    const searched: Searched = {
      query: asked,
      limit,
      rewritten: query.text === request.query ? null : query.text,
      found,
      reranked,
      ...arranged,
      arrange,
      ms: { embedding, search, rerank: rerankMs, arrangement: lap() },
    }
    return {
      searched,
      isWhole: vectors.length === models.length && (!wantsRerank || reranked !== null || pooled.length < 2),
    }
  }

  return {
    async search(call: Call, request: SearchRequest): Promise<SearchResult> {
      const started = performance.now()
      const tookMs = () => Math.round((performance.now() - started) * 10) / 10
      const { tags, mediaTypes, from, to } = request
      const scope = await collections.readable(call, request.collectionIds)
      const text = request.rewrite === 'none' ? request.query : withoutFrames(request.query)
      const isExplained = request.explain === true || request.explainDocumentId !== undefined
      const filter = { tags, mediaTypes, from, to }
      const { limit = 10, arrange = 'plain', rerank = true } = request
      // What one may read stands in the key, with its versions: other rights or a changed passage make it another key.
      const key = cacheKey([call.actor.workspaceId, scope, text, filter, limit, arrange, rerank])
      const known = isExplained ? undefined : cache.get(key)
      if (known) return { hits: known, tookMs: tookMs() }
      const models = [...new Set(scope.flatMap((collection) => collection.models))]
      const query = { text, filter, collectionIds: scope.map(({ id }) => id) }
      const { searched, isWhole } = await look(call, request, query, models)
      if (isExplained) {
        const { hits, explanation } = await explainSearch(call, knowledge, searched, request.explainDocumentId)
        return { hits, explanation, tookMs: tookMs() }
      }
      const hits = searched.hits.map(hitOf)
      if (isWhole) cache.set(key, hits)
      return { hits, tookMs: tookMs() }
    },
  }
}
