'use client'

import { useState, type ReactNode } from 'react'
import { PagePicture } from './page-picture.tsx'
import { PageText } from './page-text.tsx'
import { type PageLook, PageViewer } from './page-viewer.tsx'
import { Skeleton } from './skeleton.tsx'

type Span = { start: number; end: number }
type Box = { x: number; y: number; width: number; height: number }

type PassageViewProps = {
  title: string
  page: number
  onTurn: (page: number) => void
  /** Undefined until it has come. */
  text: { text: string; pagesTotal: number; label: string | null; mediaType: string } | undefined
  passage: Span | undefined
  /** Undefined for what has no looks but its text. */
  picture: { source: (width: number) => string; boxes: readonly Box[] | undefined; isLooking: boolean } | undefined
  /** In place of the page, when it did not come. */
  failure?: ReactNode
}

const noBoxes: readonly Box[] = []

/** A page of a document at a passage of it: as it looks where it has looks, and as it was read. */
export function PassageView({ title, page, onTurn, text, passage, picture, failure }: PassageViewProps) {
  const [look, setLook] = useState<PageLook>('picture')
  const isLooking = picture?.isLooking ?? false
  const isUntold = passage !== undefined && !isLooking && picture?.boxes === undefined
  return (
    <PageViewer
      page={page}
      pagesTotal={text?.pagesTotal}
      label={text?.label}
      onTurn={onTurn}
      look={picture && look}
      onLook={setLook}
    >
      {text && picture && look === 'picture' ? (
        <PagePicture
          key={page}
          source={picture.source}
          alt={`Page ${page} of ${title}`}
          boxes={picture.boxes ?? noBoxes}
          note={
            isLooking ? 'Looking for the passage…' : isUntold ? 'The passage is marked in the text only.' : undefined
          }
        />
      ) : (
        <div
          tabIndex={0}
          role="region"
          aria-label="Text of the page"
          className="min-h-0 flex-1 overflow-y-auto px-5 py-4"
        >
          {text ? (
            <PageText text={text.text} mark={passage} isPlain={/^text\/plain|json$/.test(text.mediaType)} />
          ) : (
            (failure ?? <Loading />)
          )}
        </div>
      )}
    </PageViewer>
  )
}

const Loading = () => (
  <div className="flex flex-col gap-3">
    <Skeleton className="h-4 w-full" />
    <Skeleton className="h-4 w-11/12" />
    <Skeleton className="h-4 w-4/5" />
  </div>
)
