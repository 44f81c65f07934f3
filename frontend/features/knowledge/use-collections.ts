'use client'

import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { Collection, CollectionList, type ChangeCollection, type CreateCollection } from '@nitroagi/shared/collections'
import { request } from '../../backend-client/request.ts'

export const collectionsKey = ['collections']

/** While documents are re-indexed; nothing else tells of it. */
const pollMs = 2_000

export function useCollections() {
  return useQuery({
    queryKey: collectionsKey,
    queryFn: ({ signal }) => request('/collections', CollectionList, { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(({ reindexing }) => reindexing) ? pollMs : false),
  })
}

export function useCreateCollection() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wanted: CreateCollection) => request('/collections', Collection, { method: 'POST', body: wanted }),
    onSuccess: (collection) => putCollection(queries, collection),
    onSettled: () => queries.invalidateQueries({ queryKey: collectionsKey }),
  })
}

export function useChangeCollection(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: ChangeCollection) =>
      request(`/collections/${id}`, Collection, { method: 'PATCH', body: change }),
    onSuccess: (collection) => putCollection(queries, collection),
    onSettled: () => queries.invalidateQueries({ queryKey: collectionsKey }),
  })
}

/** Goes on with the model and profile of before. */
export function useCancelReindexing(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => request(`/collections/${id}/cancel-reindexing`, Collection, { method: 'POST' }),
    onSuccess: (collection) => putCollection(queries, collection),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: collectionsKey }),
        queries.invalidateQueries({ queryKey: ['documents', id] }),
      ]),
  })
}

export function useDeleteCollection() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => request(`/collections/${id}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: collectionsKey }),
  })
}

function putCollection(queries: QueryClient, collection: Collection) {
  queries.setQueryData<z.infer<typeof CollectionList>>(collectionsKey, (list) => {
    const items = list?.items ?? []
    const isKnown = items.some(({ id }) => id === collection.id)
    return {
      items: isKnown ? items.map((item) => (item.id === collection.id ? collection : item)) : [...items, collection],
    }
  })
}
