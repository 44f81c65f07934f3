'use client'

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { hasPagePictures } from '@nitroagi/shared/knowledge'
import type { SourceData } from '@nitroagi/shared/runs'
import { pageMarksQuery, pagePictureSource, pageTextQuery } from '../../backend-client/document-pages.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PanelHeader } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PagePicture } from '../../ui/page-picture.tsx'
import { PageText } from '../../ui/page-text.tsx'
import { type PageLook, PageViewer } from '../../ui/page-viewer.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { findPassage } from './find-passage.ts'

/** The page that a citation points at, as it looks and as it was read, with the cited words marked. */
export function PassagePanel({ source, onClose }: { source: SourceData; onClose: () => void }) {
  const [page, setPage] = useState(source.page)
  const isPictured = hasPagePictures(source.mediaType)
  const [look, setLook] = useState<PageLook>(isPictured ? 'picture' : 'text')
  const place = { documentId: source.documentId, page }
  const { data, error, isPending } = useQuery(pageTextQuery(place))
  const passage = data && page === source.page ? findPassage(data.text, source) : undefined
  return (
    <>
      <PanelHeader title={source.title} onClose={onClose} />
      <PageViewer
        page={page}
        pagesTotal={data?.pagesTotal}
        label={data?.label}
        onTurn={setPage}
        look={isPictured ? look : undefined}
        onLook={setLook}
      >
        {data && isPictured && look === 'picture' ? (
          <Picture key={page} {...place} title={source.title} passage={passage} />
        ) : (
          <div
            tabIndex={0}
            role="region"
            aria-label="Text of the page"
            className="min-h-0 flex-1 overflow-y-auto px-5 py-4"
          >
            {isPending && !error && <Loading />}
            {error && <Gone error={error} quote={source.quote} />}
            {data && <PageText text={data.text} mark={passage} isPlain={/^text\/plain|json$/.test(source.mediaType)} />}
          </div>
        )}
      </PageViewer>
    </>
  )
}

type PictureProps = {
  documentId: string
  page: number
  title: string
  passage: { start: number; end: number } | undefined
}

const noPassage = { start: 0, end: 0 }

function Picture({ documentId, page, title, passage }: PictureProps) {
  const place = { documentId, page }
  const { data, isPending } = useQuery({
    ...pageMarksQuery(place, passage ?? noPassage),
    enabled: passage !== undefined,
  })
  return (
    <PagePicture
      source={(width) => pagePictureSource(place, width)}
      alt={`Page ${page} of ${title}`}
      boxes={data?.boxes ?? []}
      note={noteOf(passage !== undefined, isPending, data?.boxes ?? null)}
    />
  )
}

function noteOf(isWanted: boolean, isPending: boolean, boxes: unknown[] | null): string | undefined {
  if (!isWanted) return undefined
  if (isPending) return 'Looking for the passage…'
  return boxes ? undefined : 'The passage is marked in the text only.'
}

const Loading = () => (
  <div className="flex flex-col gap-3">
    <Skeleton className="h-4 w-full" />
    <Skeleton className="h-4 w-11/12" />
    <Skeleton className="h-4 w-4/5" />
  </div>
)

const Gone = ({ error, quote }: { error: unknown; quote: string }) => (
  <div className="flex flex-col gap-4">
    <Notice level="warning">{wordsOf(error)}</Notice>
    <p className="text-sm text-ink-faint">The answer quoted these words from it:</p>
    <blockquote className="border-l-2 border-line-strong pl-3 text-ink-soft">{quote}</blockquote>
  </div>
)
