'use client'

import type { Source, SourcePageState } from '@nitroagi/shared/sources'
import Link from 'next/link'
import { wordsOf } from '../../backend-client/words.ts'
import { Sheet, PanelHeader } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { plural } from './document-words.ts'
import { isFetching, useSourcePages } from './use-sources.ts'

const words: Record<SourcePageState, string> = {
  queued: 'waiting',
  done: 'read',
  skipped: 'left out',
  failed: 'failed',
  gone: 'gone',
}

/** Every page that was looked at, and why one was left out. */
export function SourcePages({ source, onClose }: { source: Source; onClose: () => void }) {
  const { data, error, isPending } = useSourcePages(source.id, isFetching(source))
  return (
    <Sheet side="right" title={`Pages of ${source.name}`} open onClose={onClose}>
      <PanelHeader title={source.name} onClose={onClose} />
      <div tabIndex={0} role="region" aria-label="Pages" className="min-h-0 flex-1 overflow-y-auto px-4 py-2">
        {error && <Notice level="error">{wordsOf(error)}</Notice>}
        {isPending && !error && <Loading />}
        {data?.items.length === 0 && <p className="py-4 text-ink-soft">No page has been looked at yet.</p>}
        <ul className="flex flex-col">
          {data?.items.map((page) => (
            <li key={page.url} className="flex flex-col gap-0.5 border-b border-line py-2 text-sm">
              <p className="[overflow-wrap:anywhere]">
                {page.documentId ? (
                  <Link href={`/knowledge/documents/${page.documentId}`} className="underline underline-offset-2">
                    {page.url}
                  </Link>
                ) : (
                  page.url
                )}
              </p>
              <p className={page.state === 'failed' ? 'text-danger' : 'text-ink-faint'}>
                {words[page.state]}
                {page.reason ? `: ${page.reason}` : ''}
              </p>
            </li>
          ))}
        </ul>
        {data?.nextCursor && (
          <p className="py-3 text-sm text-ink-faint">The first {plural(data.items.length, 'page')} are shown.</p>
        )}
      </div>
    </Sheet>
  )
}
