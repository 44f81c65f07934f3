'use client'

import { useState } from 'react'
import type { SourceData } from '@nitroagi/shared/runs'
import { usePage } from '../../backend-client/use-page.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PanelHeader } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PassageView } from '../../ui/passage-view.tsx'
import { findPassage } from './find-passage.ts'

/** The page that a citation points at, as it looks and as it was read, with the cited words marked. */
export function PassagePanel({ source, onClose }: { source: SourceData; onClose: () => void }) {
  const [page, setPage] = useState(source.page)
  const find = (text: string) => (page === source.page ? findPassage(text, source) : undefined)
  const { error, ...view } = usePage({ documentId: source.documentId, mediaType: source.mediaType, page, find })
  return (
    <>
      <PanelHeader title={source.title} onClose={onClose} />
      <PassageView
        title={source.title}
        page={page}
        onTurn={setPage}
        {...view}
        failure={error && <Gone error={error} quote={source.quote} />}
      />
    </>
  )
}

const Gone = ({ error, quote }: { error: unknown; quote: string }) => (
  <div className="flex flex-col gap-4">
    <Notice level="warning">{wordsOf(error)}</Notice>
    <p className="text-sm text-ink-faint">The answer quoted these words from it:</p>
    <blockquote className="border-l-2 border-line-strong pl-3 text-ink-soft">{quote}</blockquote>
  </div>
)
