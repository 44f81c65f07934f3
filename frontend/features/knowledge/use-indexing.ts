'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ChunkPreview, EmbeddingModelList, type ChunkProfile } from '@nitroagi/shared/collections'
import { request } from '../../backend-client/request.ts'

/** Those that are set up on this server. */
export function useEmbeddingModels() {
  return useQuery({
    queryKey: ['embedding-models'],
    queryFn: ({ signal }) => request('/collections/embedding-models', EmbeddingModelList, { signal }),
    staleTime: 60_000,
  })
}

/** How a profile would cut a document; nothing is stored. */
export function useChunkPreview(collectionId: string, chunkProfile: ChunkProfile, documentId: string | undefined) {
  return useQuery({
    queryKey: ['chunk-preview', collectionId, chunkProfile, documentId],
    queryFn: ({ signal }) =>
      request(`/collections/${collectionId}/chunk-preview`, ChunkPreview, {
        method: 'POST',
        body: { chunkProfile, ...(documentId ? { documentId } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
    retry: false,
  })
}
