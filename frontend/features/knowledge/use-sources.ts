'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { UploadResult } from '@nitroagi/shared/knowledge'
import {
  type AddText,
  type ChangeSource,
  type CreateSource,
  Source,
  SourceList,
  SourcePageList,
} from '@nitroagi/shared/sources'
import { request } from '../../backend-client/request.ts'
import { applyDocument } from './document-events.ts'
import { documentsKey } from './use-documents.ts'

const sourcesKey = (collectionId: string) => ['sources', collectionId]

/** While one is being fetched; nothing else tells of it. */
const busyPollMs = 1_500
/** A schedule may begin a fetch at any time. */
const idlePollMs = 30_000

export const isFetching = ({ status }: Pick<Source, 'status'>) => status === 'waiting' || status === 'fetching'

export function useSources(collectionId: string) {
  return useQuery({
    queryKey: sourcesKey(collectionId),
    queryFn: ({ signal }) => request(`/collections/${collectionId}/sources`, SourceList, { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isFetching) ? busyPollMs : idlePollMs),
  })
}

/** What became of a source's pages, the troubled ones for those who look. */
export function useSourcePages(id: string, isFollowed: boolean) {
  return useQuery({
    queryKey: ['source-pages', id],
    queryFn: ({ signal }) => request(`/sources/${id}/pages?limit=200`, SourcePageList, { signal }),
    refetchInterval: isFollowed ? busyPollMs * 2 : false,
  })
}

export function useAddSource(collectionId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wanted: z.input<typeof CreateSource>) =>
      request(`/collections/${collectionId}/sources`, Source, { method: 'POST', body: wanted }),
    onSettled: () => queries.invalidateQueries({ queryKey: sourcesKey(collectionId) }),
  })
}

export function useSourceActions({ id, collectionId }: Pick<Source, 'id' | 'collectionId'>) {
  const queries = useQueryClient()
  const onSettled = () => queries.invalidateQueries({ queryKey: sourcesKey(collectionId) })
  const fetchNow = useMutation({
    mutationFn: () => request(`/sources/${id}/fetch`, Source, { method: 'POST' }),
    onSettled,
  })
  const change = useMutation({
    mutationFn: (wanted: ChangeSource) => request(`/sources/${id}`, Source, { method: 'PATCH', body: wanted }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (documents: 'keep' | 'delete') =>
      request(`/sources/${id}?documents=${documents}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => Promise.all([onSettled(), queries.invalidateQueries({ queryKey: documentsKey(collectionId) })]),
  })
  return { fetchNow, change, remove, failure: fetchNow.error ?? change.error ?? remove.error }
}

export function useAddText(collectionId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wanted: AddText) =>
      request(`/collections/${collectionId}/texts`, UploadResult, { method: 'POST', body: wanted }),
    onSuccess: ({ documents }) => documents.forEach((document) => applyDocument(queries, document)),
  })
}
