'use client'

import { useQuery } from '@tanstack/react-query'
import { Account } from '@nitroagi/shared/identity'
import { request } from './request.ts'

export const accountKey = ['me']

/** Who is signed in, with the rights of about this moment: whoever is thrown out is not left before an old page. */
export const useAccount = () =>
  useQuery({
    queryKey: accountKey,
    queryFn: ({ signal }) => request('/me', Account, { signal }),
    refetchInterval: 30_000,
  })

/** Who may only read is offered nothing else; until it is known, nothing is taken away. */
export const useIsViewer = (): boolean => useAccount().data?.role === 'viewer'
