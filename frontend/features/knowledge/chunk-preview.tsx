'use client'

import { useEffect, useState } from 'react'
import type { ChunkProfile } from '@nitroagi/shared/collections'
import { wordsOf } from '../../backend-client/words.ts'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { plural } from './document-words.ts'
import { MarkedPassages } from './marked-passages.tsx'
import { useDocuments } from './use-documents.ts'
import { useChunkPreview } from './use-indexing.ts'

const settleMs = 300

type ChunkPreviewProps = { collectionId: string; profile: ChunkProfile }

/** How one of the collection's documents would be cut, before anything is saved. */
export function ChunkPreview({ collectionId, profile }: ChunkPreviewProps) {
  const [documentId, setDocumentId] = useState<string>()
  const documents = useDocuments(collectionId, { state: 'ready' }).data?.pages.flatMap((page) => page.items) ?? []
  const settled = useSettled(profile)
  const { data, error, isPending, isPlaceholderData } = useChunkPreview(collectionId, settled, documentId)
  return (
    <section
      aria-label="Preview"
      aria-busy={isPlaceholderData}
      className="flex flex-col gap-3 rounded-lg border border-line p-3"
    >
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="flex-1 font-medium">Preview</h3>
        {documents.length > 1 && (
          <select
            aria-label="Document to try it on"
            value={documentId ?? data?.documentId ?? ''}
            onChange={(event) => setDocumentId(event.target.value)}
            className="h-8 max-w-60 rounded-md border border-field-line bg-raised px-2 text-sm"
          >
            {documents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      {isPending && !error && <Loading />}
      {error && <Notice level="info">{wordsOf(error)}</Notice>}
      {data && (
        <>
          <p role="status" className="text-sm text-ink-soft tabular-nums">
            The first {plural(data.pages.length, 'page')} of “{data.title}”: {plural(data.wanted.passages, 'passage')}{' '}
            of {size(data.wanted.shortest)} to {size(data.wanted.longest)} characters, {size(data.wanted.average)} on
            average. Now: {plural(data.now.passages, 'passage')}, {size(data.now.average)} on average.
          </p>
          <div
            tabIndex={0}
            role="region"
            aria-label="Text as it would be cut"
            className="flex max-h-80 flex-col gap-3 overflow-y-auto rounded-md bg-panel px-3 py-2"
          >
            {data.pages.map(({ page, label, text, passages }) => (
              <div key={page}>
                <p className="text-xs text-ink-faint">{label ?? `Page ${page}`}</p>
                <MarkedPassages text={text} passages={passages} />
              </div>
            ))}
          </div>
        </>
      )}
    </section>
  )
}

const size = (characters: number) => characters.toLocaleString('en')

/** A slider says a hundred numbers on its way; the last one counts. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  const key = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs)
    return () => clearTimeout(timer)
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key])
  return settled
}
