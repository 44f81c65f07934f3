'use client'

import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query'
import { useEffect } from 'react'
import { z } from 'zod'
import { Collection, CollectionList } from '@nitroagi/shared/collections'
import { type Document, DocumentEvent, DocumentPage, type DocumentStatus } from '@nitroagi/shared/knowledge'
import { readMessages } from '../../backend-client/read-events.ts'
import { request } from '../../backend-client/request.ts'

const collectionsKey = ['collections']
const documentsKey = (collectionId: string) => ['documents', collectionId]

/** Events tell every change at once; this is for the ones that were missed while the line was cut. */
const pollMs = 5_000

export function useCollections() {
  return useQuery({
    queryKey: collectionsKey,
    queryFn: ({ signal }) => request('/collections', CollectionList, { signal }),
  })
}

export function useCreateCollection() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => request('/collections', Collection, { method: 'POST', body: { name } }),
    onSuccess: (collection) =>
      queries.setQueryData<z.infer<typeof CollectionList>>(collectionsKey, (list) => ({
        items: [...(list?.items ?? []).filter(({ id }) => id !== collection.id), collection],
      })),
    onSettled: () => queries.invalidateQueries({ queryKey: collectionsKey }),
  })
}

export function useDeleteCollection() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => request(`/collections/${id}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: collectionsKey }),
  })
}

export function useDocuments(collectionId: string) {
  return useInfiniteQuery({
    queryKey: documentsKey(collectionId),
    queryFn: ({ pageParam, signal }) =>
      request(
        `/collections/${collectionId}/documents${pageParam ? `?cursor=${encodeURIComponent(pageParam)}` : ''}`,
        DocumentPage,
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(({ status }) => isAtWork(status))) ? pollMs : false,
  })
}

export const isAtWork = (status: DocumentStatus): boolean => status !== 'ready' && status !== 'failed'

export function useDocumentActions(document: Pick<Document, 'id' | 'collectionId'>) {
  const queries = useQueryClient()
  const onSettled = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: documentsKey(document.collectionId) }),
      queries.invalidateQueries({ queryKey: collectionsKey }),
    ])
  const retry = useMutation({
    mutationFn: () => request(`/documents/${document.id}/retry`, z.unknown(), { method: 'POST' }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: () => request(`/documents/${document.id}`, z.unknown(), { method: 'DELETE' }),
    onSettled,
  })
  return { retry, remove }
}

/** Shows every step of every document in this workspace as it happens, while the page is open. */
export function useDocumentEvents() {
  const queries = useQueryClient()
  useEffect(() => {
    const reader = new AbortController()
    void followDocuments(queries, reader.signal)
    return () => reader.abort()
  }, [queries])
}

async function followDocuments(queries: QueryClient, signal: AbortSignal) {
  const onConnection = (connection: string) => {
    // What happened before the line was open is only in the list.
    if (connection === 'open') void queries.invalidateQueries({ queryKey: ['documents'] })
  }
  try {
    for await (const { data } of readMessages('/documents/events', () => 0, { signal, onConnection })) {
      const event = DocumentEvent.safeParse(parseJson(data))
      if (event.success) applyDocument(queries, event.data.document)
    }
  } catch {
    // Refused: the list still polls while something is at work.
  }
}

export function applyDocument(queries: QueryClient, document: Document) {
  type Data = InfiniteData<z.infer<typeof DocumentPage>>
  const key = documentsKey(document.collectionId)
  const known = queries.getQueryData<Data>(key)?.pages.some((page) => page.items.some(({ id }) => id === document.id))
  if (document.status === 'deleting') {
    // An event says that it is going; whether it is gone is in the list.
    void queries.invalidateQueries({ queryKey: key })
    if (!known) return
  }
  if (!known || document.status === 'ready') void queries.invalidateQueries({ queryKey: collectionsKey })
  queries.setQueryData<Data>(key, (data) => {
    const [first, ...rest] = data?.pages ?? []
    if (!data || !first) return data
    if (!known) return { ...data, pages: [{ ...first, items: [document, ...first.items] }, ...rest] }
    return {
      ...data,
      pages: data.pages.map((page) => ({
        ...page,
        items: page.items.map((item) => (item.id === document.id ? newer(item, document) : item)),
      })),
    }
  })
}

/** An event may be overtaken by the list on its way. */
const newer = (one: Document, other: Document) => (other.updatedAt >= one.updatedAt ? other : one)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
