import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit, SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import type { SearchNotice } from '@nitroagi/shared/search'
import type { Call } from '../call.ts'
import type { CollectionScope, CollectionsRepository } from '../ports/database/collections-port.ts'
import type { Candidate, KnowledgeRepository, SearchQuery, SearchTrace } from '../ports/database/knowledge-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import type { Reranker } from '../ports/reranker/port.ts'
import { cacheKey, createQueryCache } from './query-cache.ts'
import { withoutFrames } from './query-rewrites.ts'
import { type Arranged, diversify, hitOf, joinNeighbours } from './search-arrangement.ts'
import { explainSearch } from './search-explanation.ts'
import { createLookups, type LookedFor, type Lookups, readForDefinitions } from './search-formulations.ts'
import { mergeFormulations, mergeQuestions } from './search-merging.ts'

export type Search = ReturnType<typeof createSearch>

interface Needs {
  collections: CollectionsRepository
  knowledge: KnowledgeRepository
  embedders: Embedders
  /** None: the order is that of the fused scores. */
  reranker?: Reranker | undefined
  /** The default one rewords questions where that is asked for. */
  models?: LanguageModels | undefined
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
  /** Of all formulations, best first. */
  candidates: Candidate[]
  /** What became of the question as it was asked. */
  trace: SearchTrace
  /** That question first. */
  looked: LookedFor
  away: Lookups['away']
  modelFailure: string | null
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

export function createSearch({ collections, knowledge, embedders, reranker, models: languageModels }: Needs) {
  const lookForAll = createLookups({ knowledge, embedders, models: languageModels })
  const cache = createQueryCache<SearchHit[]>(cacheLimits)

  /** Null when the reranker is away or slow: the order stays as it is then. */
  async function rerank(call: Call, question: string, candidates: readonly Candidate[]): Promise<Reranked | null> {
    if (!reranker || candidates.length < 2) return null
    const best = candidates.slice(0, rerankedMax)
    try {
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(rerankSeconds * 1000)])
      const texts = best.map(({ title, content }) => `${title}\n${content}`)
      const scores = await reranker.rerank(question, texts, signal, call)
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

  /** Each of several questions has its own share of what a reranker reads, and is read for by itself. */
  async function rerankEach(call: Call, questions: readonly { text: string; candidates: Candidate[] }[]) {
    const share = Math.max(2, Math.floor(rerankedMax / questions.length))
    const reranked = await Promise.all(
      questions.map(({ text, candidates }) =>
        candidates.length < 2 ? undefined : rerank(call, text, candidates.slice(0, share)),
      ),
    )
    if (reranked.includes(null) || reranked.every((one) => one === undefined)) return null
    return {
      model: reranker!.id,
      candidates: mergeQuestions(reranked.map((one, index) => one?.candidates ?? questions[index]!.candidates)),
      scores: new Map(reranked.flatMap((one) => [...(one?.scores ?? [])])),
    }
  }

  async function look(
    call: Call,
    request: SearchRequest,
    query: Omit<SearchQuery, 'vectors' | 'limit'>,
    models: string[],
  ) {
    const { limit = 10, arrange = 'plain', rerank: mayRerank = true, rewrite = 'rules' } = request
    const wantsRerank = mayRerank && reranker !== undefined
    const pool = arrange === 'plain' && !wantsRerank ? limit : Math.max(3 * limit, rerankedMax)
    const isExplained = request.explain === true || request.explainDocumentId !== undefined
    const found = isExplained ? 2 * depth : rewrite === 'none' ? pool : Math.max(pool, readForDefinitions)
    const asked = { text: query.text, rewrite, models, query: { ...query, depth, limit: found } }
    const { things, away, modelFailure, ms } = await lookForAll(call, asked)
    const times = [performance.now()]
    const lap = () => times[times.push(performance.now()) - 1]! - times.at(-2)!
    const questions = things.map((looked) => ({ text: looked[0]!.text, candidates: mergeFormulations(looked) }))
    // Each question of several has its turn before all of them together.
    const byTurns = [...questions.slice(1), questions[0]!]
    const candidates = mergeQuestions(byTurns.map((question) => question.candidates))
    const pooled = candidates.slice(0, pool)
    const reranked = wantsRerank ? await rerankEach(call, byTurns) : null
    const rerankMs = reranked && lap()
    const ordered = reranked?.candidates ?? pooled
    const arranged =
      arrange === 'varied'
        ? await arrangeVaried(call, ordered, limit)
        : { hits: ordered.slice(0, limit).map((hit) => ({ ...hit, joined: 0 })), same: new Map<string, Arranged>() }
    const looked = [...things.map(([first]) => first!), ...things.flatMap(([, ...others]) => others)]
    const searched: Searched = {
      query: looked[0]!.query,
      limit,
      rewritten: query.text === request.query ? null : query.text,
      candidates,
      trace: looked[0]!.found.trace,
      looked,
      away,
      modelFailure,
      reranked,
      ...arranged,
      arrange,
      ms: { ...ms, rerank: rerankMs, arrangement: lap() },
    }
    const isReranked = !wantsRerank || reranked !== null || pooled.length < 2
    return { searched, isWhole: away.size === 0 && modelFailure === null && isReranked }
  }

  return {
    async search(call: Call, request: SearchRequest): Promise<SearchResult> {
      const started = performance.now()
      const tookMs = () => Math.round((performance.now() - started) * 10) / 10
      const { tags, mediaTypes, from, to } = request
      const { rewrite = 'rules' } = request
      if (rewrite === 'model' && !call.actor.scopes.includes('chat'))
        throw new NitroError('forbidden', 'Having a model reword a question needs the "chat" right, because it costs')
      const scope = await collections.readable(call, request.collectionIds)
      const text = rewrite === 'none' ? request.query : withoutFrames(request.query)
      const isExplained = request.explain === true || request.explainDocumentId !== undefined
      const filter = { tags, mediaTypes, from, to }
      const { limit = 10, arrange = 'plain', rerank = true } = request
      // What one may read stands in the key, with its versions: other rights or a changed passage make it another key.
      const key = cacheKey([call.actor.workspaceId, scope, text, filter, limit, arrange, rerank, rewrite])
      const known = isExplained ? undefined : cache.get(key)
      if (known) return { hits: known, tookMs: tookMs() }
      const models = [...new Set(scope.flatMap((collection) => collection.models))]
      const query = { text, filter, collectionIds: scope.map(({ id }) => id) }
      const { searched, isWhole } = await look(call, request, query, models)
      const notices = noticesOf(searched, scope)
      if (isExplained) {
        const { hits, explanation } = await explainSearch(call, knowledge, searched, request.explainDocumentId)
        return { hits, explanation, ...notices, tookMs: tookMs() }
      }
      const hits = searched.hits.map(hitOf)
      if (isWhole) cache.set(key, hits)
      return { hits, ...notices, tookMs: tookMs() }
    },
  }
}

/** What was searched with less than it could be. */
function noticesOf({ away, modelFailure }: Searched, scope: readonly CollectionScope[]): { notices?: SearchNotice[] } {
  const notices = [...away].map(([model, reason]): SearchNotice => {
    const collectionIds = scope.filter(({ models }) => models.includes(model)).map(({ id }) => id)
    const which = `${collectionIds.length} of ${scope.length} ${scope.length === 1 ? 'collection' : 'collections'}`
    const message = `${which} searched by words alone, because there is no vector of the question by ${model}. ${reason}`
    return { code: 'searched_by_words', message, collectionIds }
  })
  if (modelFailure !== null)
    notices.push({ code: 'reworded_by_rules', message: `Searched without a model's rewording. ${modelFailure}` })
  return notices.length > 0 ? { notices } : {}
}
