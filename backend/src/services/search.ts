import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit, SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { KnowledgeRepository } from '../ports/database/knowledge-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'

export type Search = ReturnType<typeof createSearch>

interface Needs {
  collections: CollectionsRepository
  knowledge: KnowledgeRepository
  embedders: Embedders
}

export function createSearch({ collections, knowledge, embedders }: Needs) {
  /** The question's vector; without one the words are searched for alone, which is better than no answer. */
  async function embed(call: Call, query: string): Promise<number[] | null> {
    try {
      const [vector] = await embedders.default.embed([query], call.signal, 'question')
      return vector ?? null
    } catch (error) {
      if (!(error instanceof NitroError)) throw error
      call.log.warn('search-without-vectors', { error })
      return null
    }
  }

  return {
    async search(call: Call, { query, limit = 10, collectionIds }: SearchRequest): Promise<SearchResult> {
      const started = performance.now()
      const scope = await collections.readable(call, collectionIds)
      const hits: SearchHit[] = await knowledge.search(call, {
        text: query,
        embedding: await embed(call, query),
        embeddingModel: embedders.default.id,
        collectionIds: scope.map(({ id }) => id),
        limit,
      })
      return { hits, tookMs: Math.round((performance.now() - started) * 10) / 10 }
    },
  }
}
