'use client'

import { useQuery } from '@tanstack/react-query'
import { Reliability } from '@nitroagi/shared/reliability'
import { request } from '../../backend-client/request.ts'

export const useReliability = () =>
  useQuery({
    queryKey: ['reliability'],
    queryFn: ({ signal }) => request('/modules/reliability', Reliability, { signal }),
  })
