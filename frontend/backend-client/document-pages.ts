import { type PageMarks as Marks, PageMarks, PageText } from '@nitroagi/shared/knowledge'
import { proxyBase, request } from './request.ts'

type PageOf = { documentId: string; page: number }
type Range = { start: number; end: number }

/** What was read from a page; the options of a query. */
export const pageTextQuery = ({ documentId, page }: PageOf) => ({
  queryKey: ['page', documentId, page],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    request(`/documents/${documentId}/pages/${page}`, PageText, { signal }),
  staleTime: 60_000,
})

/** Where a passage stands on the picture of its page. */
export const pageMarksQuery = ({ documentId, page }: PageOf, { start, end }: Range) => ({
  queryKey: ['marks', documentId, page, start, end],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<Marks> =>
    request(`/documents/${documentId}/pages/${page}/marks?start=${start}&end=${end}`, PageMarks, { signal }),
  staleTime: Infinity,
  retry: false,
})

/** Where the browser finds the picture of a page, with the session of whoever is signed in. */
export const pagePictureSource = ({ documentId, page }: PageOf, width: number) =>
  `${proxyBase}/documents/${documentId}/pages/${page}/picture?width=${width}`
