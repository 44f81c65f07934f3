'use client'

import { useState } from 'react'
import Link from 'next/link'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import { usePage } from '../../backend-client/use-page.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PanelHeader, Sheet } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PassageView } from '../../ui/passage-view.tsx'

/** A passage that was found, on its page. */
export function HitPanel({ hit, onClose }: { hit: SearchHit | undefined; onClose: () => void }) {
  return (
    <Sheet side="right" title={hit?.title ?? 'Passage'} open={hit !== undefined} onClose={onClose}>
      {hit && <HitPage key={hit.entryId} hit={hit} onClose={onClose} />}
    </Sheet>
  )
}

function HitPage({ hit, onClose }: { hit: SearchHit; onClose: () => void }) {
  const [page, setPage] = useState(hit.page)
  const find = () => (page === hit.page ? { start: hit.start, end: hit.end } : undefined)
  const { error, ...view } = usePage({ documentId: hit.documentId, mediaType: hit.mediaType, page, find })
  return (
    <>
      <PanelHeader title={hit.title} onClose={onClose} />
      <PassageView
        title={hit.title}
        page={page}
        onTurn={setPage}
        {...view}
        failure={error && <Notice level="warning">{wordsOf(error)}</Notice>}
      />
      <p className="shrink-0 border-t border-line px-4 py-2 text-sm">
        <Link href={`/knowledge/documents/${hit.documentId}?page=${page}`} className="text-accent hover:underline">
          Open the document
        </Link>
      </p>
    </>
  )
}
