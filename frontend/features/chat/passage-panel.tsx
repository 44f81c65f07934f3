'use client'

import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { PageText } from '@nitroagi/shared/knowledge'
import type { SourceData } from '@nitroagi/shared/runs'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { IconButton } from '../../ui/button.tsx'
import { PanelHeader } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { findPassage } from './find-passage.ts'

/** The page that a citation points at, with the cited words marked. */
export function PassagePanel({ source, onClose }: { source: SourceData; onClose: () => void }) {
  const [page, setPage] = useState(source.page)
  const { data, error, isPending } = useQuery({
    queryKey: ['page', source.documentId, page],
    queryFn: ({ signal }) => request(`/documents/${source.documentId}/pages/${page}`, PageText, { signal }),
    staleTime: Infinity,
  })
  return (
    <>
      <PanelHeader title={source.title} onClose={onClose} />
      <div className="flex h-10 shrink-0 items-center border-b border-line px-2 text-sm text-ink-soft">
        <IconButton label="Previous page" disabled={page <= 1} onClick={() => setPage(page - 1)}>
          <ChevronLeft aria-hidden />
        </IconButton>
        <p aria-live="polite" className="flex-1 text-center tabular-nums">
          {data ? `Page ${data.page} of ${data.pagesTotal}` : `Page ${page}`}
        </p>
        <IconButton label="Next page" disabled={!data || page >= data.pagesTotal} onClick={() => setPage(page + 1)}>
          <ChevronRight aria-hidden />
        </IconButton>
      </div>
      <div
        tabIndex={0}
        role="region"
        aria-label="Text of the page"
        className="min-h-0 flex-1 overflow-y-auto px-5 py-4"
      >
        {isPending && !error && (
          <div className="flex flex-col gap-3">
            <Skeleton className="h-4 w-full" />
            <Skeleton className="h-4 w-11/12" />
            <Skeleton className="h-4 w-4/5" />
          </div>
        )}
        {error && (
          <div className="flex flex-col gap-4">
            <Notice level="warning">{wordsOf(error)}</Notice>
            <p className="text-sm text-ink-faint">The answer quoted these words from it:</p>
            <blockquote className="border-l-2 border-line-strong pl-3 text-ink-soft">{source.quote}</blockquote>
          </div>
        )}
        {data && <Page text={data.text} source={data.page === source.page ? source : undefined} />}
      </div>
    </>
  )
}

function Page({ text, source }: { text: string; source: SourceData | undefined }) {
  const mark = useRef<HTMLElement>(null)
  const passage = source && findPassage(text, source)
  useEffect(() => {
    // In braces: newer browsers return a promise, which React would take for a clean-up.
    mark.current?.scrollIntoView({ block: 'center' })
  }, [source, text])
  if (text.trim() === '') return <p className="text-ink-soft">There is no text on this page.</p>
  return (
    <p className="text-[0.9375rem] leading-7 [overflow-wrap:anywhere] whitespace-pre-wrap">
      {passage ? (
        <>
          {text.slice(0, passage.start)}
          <mark ref={mark} className="rounded-xs bg-mark box-decoration-clone px-0.5 py-0.5 text-ink">
            {text.slice(passage.start, passage.end)}
          </mark>
          {text.slice(passage.end)}
        </>
      ) : (
        text
      )}
    </p>
  )
}
