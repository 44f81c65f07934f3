'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Learning } from '@nitroagi/shared/learning'
import { request } from '../../backend-client/request.ts'

const queryKey = ['learning']

/** What was learned from thumbs; it can be switched off, and done now instead of tonight. */
export function useLearning() {
  const queries = useQueryClient()
  const keep = (learning: Learning) => void queries.setQueryData<Learning>(queryKey, learning)
  const state = useQuery({ queryKey, queryFn: ({ signal }) => request('/learning', Learning, { signal }) })
  const turn = useMutation({
    mutationFn: (isOn: boolean) => request('/learning', Learning, { method: 'PUT', body: { isOn } }),
    onSuccess: keep,
  })
  const run = useMutation({
    mutationFn: () => request('/learning/run', Learning, { method: 'POST' }),
    onSuccess: keep,
  })
  return { state, turn, run }
}
