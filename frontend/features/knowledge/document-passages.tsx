'use client'

import type { Document } from '@nitroagi/shared/knowledge'
import { Button } from '../../ui/button.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { NothingRead } from './document-text.tsx'
import { plural } from './document-words.ts'
import { MarkedPassages } from './marked-passages.tsx'
import { PageTurner } from './page-turner.tsx'
import { usePageText, usePassages } from './use-document.ts'

type DocumentPassagesProps = { document: Document; page: number; onPage: (page: number) => void }

/** How a page was cut for search: as stretches of its text, and one by one. */
export function DocumentPassages({ document, page, onPage }: DocumentPassagesProps) {
  const text = usePageText(document, page)
  const cut = usePassages(document, page)
  const error = text.error ?? cut.error
  if ((text.isPending || cut.isPending) && !error) return <Loading />
  if (error || !text.data || !cut.data) return <NothingRead document={document} error={error} />
  const { data } = text
  const passages = cut.data.pages.flatMap(({ items }) => items)
  return (
    <section aria-label="Passages of the page" className="flex flex-col gap-4">
      <PageTurner page={data.page} pagesTotal={data.pagesTotal} label={data.label} onPage={onPage} />
      {passages.length === 0 ? (
        <p className="text-ink-soft">There are no passages on this page.</p>
      ) : (
        <>
          <p className="text-sm text-ink-faint tabular-nums">{plural(passages.length, 'passage')} on this page</p>
          <MarkedPassages text={data.text} passages={passages} />
          <ol aria-label="Passages" className="flex flex-col border-t border-line">
            {passages.map(({ ordinal, start, end, heading, content }) => (
              <li key={ordinal} className="flex flex-col gap-1 border-b border-line py-2 text-sm">
                <p className="flex gap-3 text-ink-faint tabular-nums">
                  <span>{(end - start).toLocaleString('en')} characters</span>
                  {heading && <span className="min-w-0 truncate">under “{heading}”</span>}
                </p>
                <p className="line-clamp-2 text-ink-soft [overflow-wrap:anywhere]">{content}</p>
              </li>
            ))}
          </ol>
          {cut.hasNextPage && (
            <Button className="self-center" onClick={() => void cut.fetchNextPage()}>
              Show more
            </Button>
          )}
        </>
      )}
    </section>
  )
}
