'use client'

import { useQuery } from '@tanstack/react-query'
import { hasPagePictures } from '@nitroagi/shared/knowledge'
import { pageMarksQuery, pagePictureSource, pageTextQuery } from './document-pages.ts'

type Span = { start: number; end: number }
type WantedPage = {
  documentId: string
  mediaType: string
  page: number
  /** What shall be marked on it; undefined for nothing. */
  find: (text: string) => Span | undefined
}

const nothing = { start: 0, end: 0 }

/** A page with what was read from it, how it looks where it has looks, and where a passage stands on both. */
export function usePage({ documentId, mediaType, page, find }: WantedPage) {
  const place = { documentId, page }
  const { data, error } = useQuery(pageTextQuery(place))
  const passage = data && find(data.text)
  const isPictured = hasPagePictures(mediaType)
  const marks = useQuery({
    ...pageMarksQuery(place, passage ?? nothing),
    enabled: isPictured && passage !== undefined,
  })
  return {
    text: data,
    error,
    passage,
    picture: isPictured
      ? {
          source: (width: number) => pagePictureSource(place, width),
          boxes: marks.data?.boxes ?? undefined,
          isLooking: passage !== undefined && marks.isPending,
        }
      : undefined,
  }
}
