'use client'

import { Pencil } from 'lucide-react'
import { useState } from 'react'
import type { Document, PageSummary, PageText } from '@nitroagi/shared/knowledge'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageText as Words } from '../../ui/page-text.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { originWords } from './origin-words.ts'
import { dropDraft, useDraft } from './page-drafts.ts'
import { PageEditor } from './page-editor.tsx'
import { PageTurner } from './page-turner.tsx'
import { isAtWork } from './use-documents.ts'
import { usePages, usePageText } from './use-document.ts'

type DocumentTextProps = { document: Document; page: number; onPage: (page: number) => void; mayEdit: boolean }

/** What was read from the file, page by page; a page can be put right by hand. */
export function DocumentText({ document, page, onPage, mayEdit }: DocumentTextProps) {
  const { data, error, isPending } = usePageText(document, page)
  const [editing, setEditing] = useState<PageText>()
  const draft = useDraft({ documentId: document.id, page })
  const summary = usePages(document)
    .data?.pages.flatMap(({ items }) => items)
    .find(({ number }) => number === page)
  if (editing) return <PageEditor page={editing} onClose={() => setEditing(undefined)} />
  if (isPending && !error) return <Loading />
  if (error || !data) return <NothingRead document={document} error={error} />
  const isEditable = mayEdit && !isAtWork(document) && document.version > 0
  return (
    <section aria-label="Text of the page" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <PageTurner page={data.page} pagesTotal={data.pagesTotal} label={data.label} onPage={onPage} />
        <Origin page={data} summary={summary} />
        {isEditable && (
          <Button className="ml-auto h-8 text-sm" onClick={() => setEditing(data)}>
            <Pencil aria-hidden className="size-3.5" />
            Edit this page
          </Button>
        )}
      </div>
      {isEditable && draft !== undefined && <Draft onEdit={() => setEditing(data)} onDrop={() => dropDraft(data)} />}
      {summary?.note && <Notice level="warning">{summary.note}</Notice>}
      <div className="max-w-[75ch]">
        <Words text={data.text} isPlain={/^text\/plain|json$/.test(data.mediaType)} />
      </div>
    </section>
  )
}

/** For whoever left before saving. */
const Draft = ({ onEdit, onDrop }: { onEdit: () => void; onDrop: () => void }) => (
  <Notice level="warning">
    <div className="flex flex-wrap items-center justify-between gap-2">
      What you changed on this page is not saved.
      <div className="flex gap-2">
        <Button className="h-8 text-sm" onClick={onEdit}>
          Go on editing
        </Button>
        <Button className="h-8 text-sm" onClick={onDrop}>
          Discard
        </Button>
      </div>
    </div>
  </Notice>
)

function Origin({ page, summary }: { page: PageText; summary: PageSummary | undefined }) {
  const words = originWords(page.origin, summary?.confidence ?? null)
  return words ? <p className="rounded-sm bg-hover px-2 py-0.5 text-xs text-ink-soft">{words}</p> : null
}

export function NothingRead({ document, error }: { document: Document; error: unknown }) {
  if (document.status === 'failed') return <p className="text-ink-soft">Nothing could be read from this document.</p>
  if (isAtWork(document) || document.paused) return <p className="text-ink-soft">This page has not been read yet.</p>
  return <Notice level="error">{wordsOf(error)}</Notice>
}
