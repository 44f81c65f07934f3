'use client'

import type { Document, PageSummary } from '@nitroagi/shared/knowledge'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { plural } from './document-words.ts'
import { originWords } from './origin-words.ts'
import { usePages } from './use-document.ts'

type DocumentPagesProps = { document: Document; onPage: (page: number) => void }

/** Every page with what became of it. */
export function DocumentPages({ document, onPage }: DocumentPagesProps) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = usePages(document)
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (isPending) return <Loading />
  const pages = data.pages.flatMap(({ items }) => items)
  if (pages.length === 0) return <p className="text-ink-soft">No page has been read yet.</p>
  return (
    <>
      <ol aria-label="Pages" className="flex flex-col">
        {pages.map((page) => (
          <li key={page.number} className="flex items-start gap-3 border-b border-line py-2 text-sm">
            <button
              type="button"
              onClick={() => onPage(page.number)}
              className="w-24 shrink-0 truncate text-left font-medium hover:underline"
              title={page.label ?? undefined}
            >
              {page.label ?? `Page ${page.number}`}
            </button>
            <span className="flex min-w-0 flex-1 flex-col text-ink-soft tabular-nums">
              {factsOf(page)}
              {page.note && <span className="text-warning">{page.note}</span>}
            </span>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  )
}

const factsOf = ({ characters, passages, origin, confidence }: PageSummary) =>
  [plural(characters, 'character'), plural(passages, 'passage'), originWords(origin, confidence)]
    .filter(Boolean)
    .join(' · ')
