'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { Feedback, type GiveFeedback } from '@nitroagi/shared/feedback'
import { request } from '../../backend-client/request.ts'

/** What the reader thinks of one answer; `null` takes it back. */
export function useFeedback(messageId: string, given: Feedback | undefined) {
  const queries = useQueryClient()
  // What was said here is newer than what the conversation was opened with.
  const [said, setSaid] = useState<Feedback | null>()
  const path = `/messages/${messageId}/feedback`
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (feedback: GiveFeedback | null): Promise<Feedback | null> => {
      if (feedback) return request(path, Feedback, { method: 'PUT', body: feedback })
      await request(path, z.unknown(), { method: 'DELETE' })
      return null
    },
    onSuccess: (feedback) => {
      setSaid(feedback)
      queries.setQueriesData<ConversationDetail>({ queryKey: ['conversation'] }, (detail) =>
        detail?.messages.some(({ id }) => id === messageId)
          ? {
              ...detail,
              messages: detail.messages.map((message) =>
                message.id === messageId ? { ...message, feedback } : message,
              ),
            }
          : detail,
      )
    },
  })
  return { feedback: said === undefined ? given : (said ?? undefined), say: mutate, isPending, error }
}
