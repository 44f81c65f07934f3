import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit, SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import type { Call } from '../call.ts'
import type { KnowledgeRepository } from '../ports/database/knowledge-port.ts'
import type { Embedder } from '../ports/embedder/port.ts'

export type Search = ReturnType<typeof createSearch>

export function createSearch({ knowledge, embedder }: { knowledge: KnowledgeRepository; embedder: Embedder }) {
  /** The question's vector; without one the words are searched for alone, which is better than no answer. */
  async function embed(call: Call, query: string): Promise<number[] | null> {
    try {
      const [vector] = await embedder.embed([query], call.signal, 'question')
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
      const hits: SearchHit[] = await knowledge.search(call, {
        text: query,
        embedding: await embed(call, query),
        embeddingModel: embedder.id,
        collectionIds,
        limit,
      })
      return { hits, tookMs: Math.round((performance.now() - started) * 10) / 10 }
    },
  }
}
