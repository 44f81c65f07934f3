'use client'

import { FileText } from 'lucide-react'
import { useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { Button } from '../../ui/button.tsx'
import { DropZone } from '../../ui/drop-zone.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { CollectionsBar } from './collections-bar.tsx'
import { DocumentRow, UploadRow } from './document-list.tsx'
import { FileButton } from './file-button.tsx'
import { SearchField, SearchResults } from './search.tsx'
import { useCollections, useCreateCollection, useDocumentEvents, useDocuments } from './use-documents.ts'
import { useUploads } from './use-uploads.ts'

/** Whoever drops a first file should not have to name a place for it first. */
const firstCollection = 'Documents'

export function Knowledge() {
  useDocumentEvents()
  const { data, error, isPending, refetch } = useCollections()
  const create = useCreateCollection()
  const { uploads, add, retry, dismiss } = useUploads()
  const [chosenId, setChosenId] = useState<string>()
  const [query, setQuery] = useState('')
  const collections = data?.items ?? []
  const chosen = collections.find(({ id }) => id === chosenId) ?? collections[0]

  async function addFiles(files: File[]) {
    if (files.length === 0 || !data) return
    const into = chosen ?? (await create.mutateAsync(firstCollection).catch(() => undefined))
    if (into) add(files, into.id)
  }
  const onFiles = (files: File[]) => void addFiles(files)
  const shownUploads = uploads.filter(({ collectionId }) => collectionId === chosen?.id)

  return (
    <>
      <PageHeader title="Knowledge">
        <FileButton look="primary" label="Add files" onFiles={onFiles} />
      </PageHeader>
      <main className="min-h-0 flex-1 overflow-y-auto">
        <DropZone onFiles={onFiles}>
          <div className="mx-auto flex w-full max-w-4xl flex-1 flex-col gap-4 px-4 py-6 md:px-6">
            {create.error && <Notice level="error">{wordsOf(create.error)}</Notice>}
            {error && (
              <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
                {wordsOf(error)}
              </Notice>
            )}
            {isPending && !error && <Loading />}
            {data && !chosen && <NoDocuments onFiles={onFiles} />}
            {chosen && (
              <>
                <SearchField query={query} onQuery={setQuery} />
                {query ? (
                  <SearchResults query={query} />
                ) : (
                  <>
                    <CollectionsBar collections={collections} chosen={chosen} onChoose={setChosenId} />
                    {shownUploads.length > 0 && (
                      <ul aria-label="Uploads">
                        {shownUploads.map((upload) => (
                          <UploadRow
                            key={upload.id}
                            upload={upload}
                            onRetry={() => retry(upload)}
                            onDismiss={() => dismiss(upload.id)}
                          />
                        ))}
                      </ul>
                    )}
                    <Documents
                      key={chosen.id}
                      collection={chosen}
                      isUploading={shownUploads.length > 0}
                      onFiles={onFiles}
                    />
                  </>
                )}
              </>
            )}
          </div>
        </DropZone>
      </main>
    </>
  )
}

type DocumentsProps = { collection: Collection; isUploading: boolean; onFiles: (files: File[]) => void }

function Documents({ collection, isUploading, onFiles }: DocumentsProps) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useDocuments(
    collection.id,
  )
  const documents = data?.pages.flatMap((page) => page.items) ?? []
  if (isPending && !error) return <Loading />
  return (
    <>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {data && documents.length === 0 && !isUploading && <NoDocuments onFiles={onFiles} />}
      <ul aria-label={`Documents in ${collection.name}`}>
        {documents.map((document) => (
          <DocumentRow key={document.id} document={document} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading…' : 'Show more'}
        </Button>
      )}
    </>
  )
}

const NoDocuments = ({ onFiles }: { onFiles: (files: File[]) => void }) => (
  <EmptyState
    icon={FileText}
    title="Add your first document"
    action={<FileButton look="plain" label="Choose files" onFiles={onFiles} />}
  >
    Drop a PDF, Word, HTML, Markdown or text file anywhere on this page. It is read page by page here, on this server,
    and answers will quote it.
  </EmptyState>
)

const Loading = () => (
  <div aria-busy aria-label="Loading" role="status" className="flex flex-col gap-4 py-2">
    <Skeleton className="h-9 w-full" />
    <Skeleton className="h-9 w-full" />
    <Skeleton className="h-9 w-2/3" />
  </div>
)
