'use client'

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { Conversation, ConversationPage, type UpdateConversation } from '@nitroagi/shared/conversations'
import { request } from '../../backend-client/request.ts'

export const conversationsKey = ['conversations']

export function useConversations() {
  return useInfiniteQuery({
    queryKey: conversationsKey,
    queryFn: ({ pageParam, signal }) =>
      request(`/conversations${pageParam ? `?cursor=${encodeURIComponent(pageParam)}` : ''}`, ConversationPage, {
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })
}

export function useRenameConversation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, title }: { id: string } & UpdateConversation) =>
      request(`/conversations/${id}`, Conversation, { method: 'PATCH', body: { title } }),
    onSettled: (_answer, _error, { id }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: conversationsKey }),
        queries.invalidateQueries({ queryKey: ['conversation', id] }),
      ]),
  })
}

export function useDeleteConversation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => request(`/conversations/${id}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: conversationsKey }),
  })
}
