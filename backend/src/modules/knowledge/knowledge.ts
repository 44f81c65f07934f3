import type { SearchHit } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import type { Call } from '../../call.ts'
import type { Module } from '../module.ts'

/** How many passages a model is given: enough to hold the answer, few enough to be read. */
export const passagesForAnswer = 6

export interface KnowledgeDependencies {
  /** Best first; only what the caller may read. `collectionIds` undefined means every collection. */
  search(
    call: Call,
    request: { query: string; limit: number; collectionIds?: string[] | undefined; arrange?: 'varied' },
  ): Promise<readonly SearchHit[]>
}

/** Finds the passages that an answer can stand on. */
export function createKnowledgeModule({ search }: KnowledgeDependencies): Module {
  return {
    manifest: {
      name: 'knowledge',
      description: 'Searches the documents that you have added and brings the passages that fit the question.',
      capabilities: ['search', 'passages', 'documents'],
      cost: 'free',
      latency: 'fast',
      needs: ['documents'],
    },
    health: () => Promise.resolve({ status: 'ok', detail: null }),
    async test(call) {
      const hits = await search(call, { query: 'What is in these documents?', limit: 1 })
      return hits.length > 0
        ? `A search found a passage of ${hits[0]!.title}`
        : 'A search ran; there is nothing to find yet'
    },
    async *run(call, task) {
      const query = [task.question.trim(), task.evidence.recalled?.subject ?? '']
        .join(' ')
        .trim()
        .slice(0, limits.searchCharacters)
      const collectionIds = task.collectionIds && [...task.collectionIds]
      const isWithoutDocuments = collectionIds?.length === 0
      const hits =
        isWithoutDocuments || query === ''
          ? []
          : await search(call, { query, limit: passagesForAnswer, collectionIds, arrange: 'varied' })
      if (call.signal.aborted) return
      yield { type: 'passages', hits: [...hits] }
      yield { type: 'report', summary: summaryOf(hits) }
    },
  }
}

function summaryOf(hits: readonly SearchHit[]): string {
  if (hits.length === 0) return 'No passage fits'
  const documents = new Set(hits.map((hit) => hit.documentId)).size
  return `${count(hits.length, 'passage')} from ${count(documents, 'document')}`
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`
