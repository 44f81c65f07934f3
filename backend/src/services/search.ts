import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit, SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { Candidate, KnowledgeRepository, QuestionVector } from '../ports/database/knowledge-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'

export type Search = ReturnType<typeof createSearch>

interface Needs {
  collections: CollectionsRepository
  knowledge: KnowledgeRepository
  embedders: Embedders
}

export function createSearch({ collections, knowledge, embedders }: Needs) {
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

  return {
    async search(call: Call, request: SearchRequest): Promise<SearchResult> {
      const started = performance.now()
      const { query, limit = 10, tags, mediaTypes, from, to } = request
      const scope = await collections.readable(call, request.collectionIds)
      const models = [...new Set(scope.flatMap((collection) => collection.models))]
      const { candidates } = await knowledge.search(call, {
        text: query,
        vectors: await embed(call, query, models),
        collectionIds: scope.map(({ id }) => id),
        filter: { tags, mediaTypes, from, to },
        limit,
      })
      const hits = candidates.map(hitOf)
      return { hits, tookMs: Math.round((performance.now() - started) * 10) / 10 }
    },
  }
}

const hitOf = ({ ordinal: _ordinal, embeddingModel: _model, ranks: _ranks, ...hit }: Candidate): SearchHit => hit
