'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { DocumentPage, type SearchRequest, SearchResult } from '@nitroagi/shared/knowledge'
import { request } from '../../backend-client/request.ts'
import type { SearchFilter } from './search-filter.ts'

const shown = 20

const search = (body: SearchRequest, signal: AbortSignal) =>
  request('/search', SearchResult, { method: 'POST', body: { limit: shown, ...body }, signal })

export function useSearch(query: string, filter: SearchFilter) {
  return useQuery({
    queryKey: ['search', query, filter],
    queryFn: ({ signal }) => search({ query, ...filter }, signal),
    placeholderData: keepPreviousData,
  })
}

/** Asked for when somebody wants to know: it looks at every stage. */
export function useExplanation(query: string, filter: SearchFilter, documentId: string | undefined, isWanted: boolean) {
  return useQuery({
    queryKey: ['search', query, filter, 'explained', documentId ?? null],
    queryFn: ({ signal }) =>
      search(
        { query, ...filter, explain: true, ...(documentId === undefined ? {} : { explainDocumentId: documentId }) },
        signal,
      ),
    enabled: isWanted,
  })
}

/** Documents by a part of their name, in whatever collection. */
export function useDocumentsNamed(name: string) {
  return useQuery({
    queryKey: ['documents-named', name],
    queryFn: ({ signal }) =>
      request(`/documents?${new URLSearchParams({ limit: '8', ...(name ? { name } : {}) })}`, DocumentPage, { signal }),
    placeholderData: keepPreviousData,
  })
}
