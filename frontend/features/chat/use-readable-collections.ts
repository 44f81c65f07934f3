'use client'

import { useQuery } from '@tanstack/react-query'
import { CollectionList } from '@nitroagi/shared/collections'
import { request } from '../../backend-client/request.ts'

/** Every collection that one may ask about. */
export function useReadableCollections() {
  return useQuery({
    queryKey: ['collections'],
    queryFn: ({ signal }) => request('/collections', CollectionList, { signal }),
  })
}
