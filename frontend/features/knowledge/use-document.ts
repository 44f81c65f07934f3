'use client'

import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Document, PageSummaryPage, PageText, PassagePage } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import { request } from '../../backend-client/request.ts'
import { applyDocument } from './document-events.ts'
import { documentKey, isAtWork } from './use-documents.ts'

/** For what happens while no event comes through. */
const pollMs = 5_000

export function useDocument(initial: Document) {
  return useQuery({
    queryKey: documentKey(initial.id),
    queryFn: ({ signal }) => request(`/documents/${initial.id}`, Document, { signal }),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data && isAtWork(state.data) ? pollMs : false),
  })
}

/** What is shown of a document belongs to a version of it; while the first is being made, it grows. */
type Shown = Pick<Document, 'id' | 'version' | 'status' | 'paused'>
const growing = (document: Shown) => (document.version === 0 && isAtWork(document) ? pollMs : false)

export function usePageText(document: Shown, page: number) {
  return useQuery({
    queryKey: ['page', document.id, page, document.version],
    queryFn: ({ signal }) => request(`/documents/${document.id}/pages/${page}`, PageText, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: growing(document),
  })
}

export function usePages(document: Shown) {
  return useInfiniteQuery({
    queryKey: ['pages', document.id, document.version],
    queryFn: ({ pageParam, signal }) =>
      request(`/documents/${document.id}/pages${queryOf({ cursor: pageParam })}`, PageSummaryPage, { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: growing(document),
  })
}

/** The passages of one page. */
export function usePassages(document: Shown, page: number) {
  return useInfiniteQuery({
    queryKey: ['passages', document.id, page, document.version],
    queryFn: ({ pageParam, signal }) =>
      request(`/documents/${document.id}/passages${queryOf({ page: String(page), cursor: pageParam })}`, PassagePage, {
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (result) => result.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: growing(document),
  })
}

function queryOf(values: Record<string, string>): string {
  const query = new URLSearchParams({ limit: String(limits.pageSizeMax) })
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value)
  return `?${query}`
}

export function useEditPage(documentId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ page, text }: { page: number; text: string }) =>
      request(`/documents/${documentId}/pages/${page}`, Document, { method: 'PUT', body: { text } }),
    onSuccess: (document) => applyDocument(queries, document),
    // Citations show the page as it is from now on.
    onSettled: () => queries.invalidateQueries({ queryKey: ['page', documentId] }),
  })
}
