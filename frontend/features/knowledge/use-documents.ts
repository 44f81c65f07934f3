'use client'

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { type ChangeDocument, Document, type DocumentFilter, DocumentPage } from '@nitroagi/shared/knowledge'
import { request } from '../../backend-client/request.ts'
import { collectionsKey } from './use-collections.ts'

export const documentsKey = (collectionId: string) => ['documents', collectionId]
export const documentKey = (id: string) => ['document', id]

/** As long as a tag may be; see `Tag` in shared. */
export const tagCharacters = 40

/** Events tell every change at once; this is for the ones that were missed while the line was cut. */
const pollMs = 5_000

export function useDocuments(collectionId: string, filter: DocumentFilter) {
  return useInfiniteQuery({
    queryKey: [...documentsKey(collectionId), filter],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(Object.entries(filter))
      if (pageParam) query.set('cursor', pageParam)
      return request(`/collections/${collectionId}/documents${query.size > 0 ? `?${query}` : ''}`, DocumentPage, {
        signal,
      })
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.items.some(isAtWork)) ? pollMs : false),
  })
}

export const isAtWork = ({ status, paused }: Pick<Document, 'status' | 'paused'>): boolean =>
  status !== 'ready' && status !== 'failed' && !(paused && status !== 'deleting')

/** What can be done to a document besides deleting it; each gives the document back. */
const verbs = {
  retry: (id: string) => request(`/documents/${id}/retry`, Document, { method: 'POST' }),
  pause: (id: string) => request(`/documents/${id}/pause`, Document, { method: 'POST' }),
  resume: (id: string) => request(`/documents/${id}/resume`, Document, { method: 'POST' }),
  reread: (id: string) => request(`/documents/${id}/reread`, Document, { method: 'POST' }),
}
type Verb = keyof typeof verbs

const changeDocument = (id: string, change: ChangeDocument) =>
  request(`/documents/${id}`, Document, { method: 'PATCH', body: change })
const deleteDocument = (id: string) => request(`/documents/${id}`, z.unknown(), { method: 'DELETE' })

export function useDocumentActions({ id, collectionId }: Pick<Document, 'id' | 'collectionId'>) {
  const onSettled = useRefresh(collectionId, id)
  const act = useMutation({ mutationFn: (verb: Verb) => verbs[verb](id), onSettled })
  const change = useMutation({ mutationFn: (wanted: ChangeDocument) => changeDocument(id, wanted), onSettled })
  const remove = useMutation({ mutationFn: () => deleteDocument(id), onSettled })
  return { act, change, remove, failure: act.error ?? change.error ?? remove.error }
}

export type BulkAction =
  { kind: 'delete' } | { kind: 'pause' | 'resume' | 'retry' } | { kind: 'tag' | 'untag'; tag: string }

const atOnce = 4

/** The same to many documents, a few at a time; what cannot be done to one does not stop the others. */
export function useBulkAction(collectionId: string) {
  const onSettled = useRefresh(collectionId)
  return useMutation({
    async mutationFn({ action, documents }: { action: BulkAction; documents: readonly Document[] }) {
      const waiting = [...documents]
      const failures: unknown[] = []
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          await applyTo(next, action).catch((error: unknown) => failures.push(error))
        }
      }
      await Promise.all(Array.from({ length: atOnce }, work))
      return { done: documents.length - failures.length, failures }
    },
    onSettled,
  })
}

function applyTo({ id, tags }: Document, action: BulkAction): Promise<unknown> {
  switch (action.kind) {
    case 'delete':
      return deleteDocument(id)
    case 'tag':
      return tags.includes(action.tag) ? Promise.resolve() : changeDocument(id, { tags: [...tags, action.tag] })
    case 'untag':
      return changeDocument(id, { tags: tags.filter((tag) => tag !== action.tag) })
    default:
      return verbs[action.kind](id)
  }
}

function useRefresh(collectionId: string, id?: string) {
  const queries = useQueryClient()
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: documentsKey(collectionId) }),
      queries.invalidateQueries({ queryKey: collectionsKey }),
      id && queries.invalidateQueries({ queryKey: documentKey(id) }),
    ])
}
