'use client'

import { FileText } from 'lucide-react'
import { useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import type { Document, DocumentFilter } from '@nitroagi/shared/knowledge'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { DocumentFilters } from './document-filters.tsx'
import { DocumentRow } from './document-row.tsx'
import { useDocuments } from './use-documents.ts'

type DocumentsTabProps = {
  collection: Collection
  isUploading: boolean
  onChooseFiles: () => void
  /** A file is to be chosen that takes the document's place. */
  onReplace: (document: Document) => void
}

export function DocumentsTab({ collection, isUploading, onChooseFiles, onReplace }: DocumentsTabProps) {
  const [filter, setFilter] = useState<DocumentFilter>({})
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set())
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useDocuments(
    collection.id,
    filter,
  )
  const documents = data?.pages.flatMap((page) => page.items) ?? []
  const mayEdit = collection.role !== 'reader'
  const isFiltered = Object.keys(filter).length > 0
  const isEmpty = data !== undefined && documents.length === 0
  return (
    <>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {(isFiltered || documents.length > 1) && (
        <DocumentFilters filter={filter} tags={tagsOf(documents)} onFilter={setFilter} />
      )}
      {isPending && !error && <Loading />}
      {isEmpty && isFiltered && <p className="py-8 text-center text-ink-soft">No document fits this filter.</p>}
      {isEmpty && !isFiltered && !isUploading && <NoDocuments mayEdit={mayEdit} onChooseFiles={onChooseFiles} />}
      {documents.length > 0 && (
        <div className="flex flex-col">
          {mayEdit && (
            <BulkBar
              collectionId={collection.id}
              shown={documents}
              selected={documents.filter(({ id }) => selection.has(id))}
              onSelect={setSelection}
            />
          )}
          <ul aria-label={`Documents in ${collection.name}`}>
            {documents.map((document) => (
              <DocumentRow
                key={document.id}
                document={document}
                mayEdit={mayEdit}
                isSelected={selection.has(document.id)}
                onSelect={(isSelected) => setSelection((all) => changed(all, document.id, isSelected))}
                onReplace={() => onReplace(document)}
              />
            ))}
          </ul>
        </div>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading…' : 'Show more'}
        </Button>
      )}
    </>
  )
}

export const NoDocuments = ({ mayEdit, onChooseFiles }: { mayEdit: boolean; onChooseFiles: () => void }) =>
  mayEdit ? (
    <EmptyState
      icon={FileText}
      title="Add your first document"
      action={<Button onClick={onChooseFiles}>Choose files</Button>}
    >
      Drop files or a folder anywhere on this page: PDF, Word, PowerPoint, Excel, web pages, mail, Markdown, text or
      pictures. They are read page by page here, on this server, and answers will quote them.
    </EmptyState>
  ) : (
    <EmptyState icon={FileText} title="No documents yet">
      Whoever may edit this collection can add some; they appear here by themselves.
    </EmptyState>
  )

function changed(all: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(all)
  if (isIn) next.add(id)
  else next.delete(id)
  return next
}

const tagsOf = (documents: readonly Document[]) => [...new Set(documents.flatMap(({ tags }) => tags))].sort()
