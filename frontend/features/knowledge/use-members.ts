'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { CollectionMemberList, WorkspaceMemberList, type CollectionRole } from '@nitroagi/shared/collections'
import { request } from '../../backend-client/request.ts'
import { collectionsKey } from './use-collections.ts'

const membersKey = (collectionId: string) => ['collection-members', collectionId]

export function useMembers(collectionId: string) {
  return useQuery({
    queryKey: membersKey(collectionId),
    queryFn: ({ signal }) => request(`/collections/${collectionId}/members`, CollectionMemberList, { signal }),
  })
}

/** Those of the workspace, to pick from. */
export function useWorkspaceMembers() {
  return useQuery({
    queryKey: ['members'],
    queryFn: ({ signal }) => request('/members', WorkspaceMemberList, { signal }),
  })
}

export function useMemberActions(collectionId: string) {
  const queries = useQueryClient()
  const key = membersKey(collectionId)
  // What one may do oneself may have changed with it.
  const onSettled = () =>
    Promise.all([queries.invalidateQueries({ queryKey: key }), queries.invalidateQueries({ queryKey: collectionsKey })])
  const add = useMutation({
    mutationFn: (wanted: { email: string; role: CollectionRole }) =>
      request(`/collections/${collectionId}/members`, CollectionMemberList, { method: 'PUT', body: wanted }),
    onSettled,
  })
  const change = useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: CollectionRole }) =>
      request(`/collections/${collectionId}/members/${userId}`, CollectionMemberList, {
        method: 'PUT',
        body: { role },
      }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (userId: string) =>
      request(`/collections/${collectionId}/members/${userId}`, z.unknown(), { method: 'DELETE' }),
    onSettled,
  })
  return { add, change, remove, failure: change.error ?? remove.error }
}
