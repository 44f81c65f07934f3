'use client'

import { useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { Button } from '../../ui/button.tsx'
import { DropZone } from '../../ui/drop-zone.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { AddMenu, type AddWay } from './add-menu.tsx'
import { AddSourceDialog } from './add-source-dialog.tsx'
import { CollectionList, CollectionPicker } from './collection-list.tsx'
import { CollectionView, type CollectionTab } from './collection-view.tsx'
import { CreateCollectionDialog } from './create-collection-dialog.tsx'
import { useDocumentEvents } from './document-events.ts'
import { NoDocuments } from './documents-tab.tsx'
import { droppedFiles, type NamedFile } from './dropped-files.ts'
import { PasteTextDialog } from './paste-text-dialog.tsx'
import { SearchField, SearchResults } from './search.tsx'
import { useCollections, useCreateCollection } from './use-collections.ts'
import { useFileDialog } from './use-file-dialog.tsx'
import { usePlace } from './use-place.ts'
import { useUploads } from './use-uploads.ts'

/** Whoever drops a first file should not have to name a place for it first. */
const firstCollection = 'Documents'

const tabs: readonly CollectionTab[] = ['documents', 'sources', 'settings']

export function Knowledge() {
  useDocumentEvents()
  const { data, error, isPending, refetch } = useCollections()
  const create = useCreateCollection()
  const uploads = useUploads()
  const { place, go } = usePlace()
  const [asking, setAsking] = useState<{ way: AddWay | 'collection'; collectionId?: string }>()
  const collections = data?.items ?? []
  const chosen = collections.find(({ id }) => id === place.get('collection')) ?? collections[0]
  const query = place.get('search') ?? ''
  const tab = tabs.find((name) => name === place.get('tab')) ?? 'documents'
  const mayAdd = chosen?.role !== 'reader'

  async function collectionToFill(): Promise<Collection | undefined> {
    if (chosen || !data) return chosen
    return create.mutateAsync({ name: firstCollection }).catch(() => undefined)
  }
  async function addFiles(files: NamedFile[]) {
    if (files.length === 0 || !mayAdd) return
    const into = await collectionToFill()
    if (!into) return
    go({ collection: into.id, tab: undefined, search: undefined })
    uploads.add(files, into.id)
  }
  const dialog = useFileDialog((files) => void addFiles(files))
  async function onAdd(way: AddWay) {
    if (way === 'files' || way === 'folder') return dialog.open(way)
    const into = await collectionToFill()
    if (into) setAsking({ way, collectionId: into.id })
  }
  const choose = (id: string) => go({ collection: id, tab: undefined, search: undefined })
  const list = { collections, chosen, onChoose: choose, onCreate: () => setAsking({ way: 'collection' }) }
  const close = () => setAsking(undefined)

  return (
    <>
      <PageHeader title="Knowledge">{data && mayAdd && <AddMenu onAdd={(way) => void onAdd(way)} />}</PageHeader>
      {dialog.inputs}
      <div className="flex min-h-0 flex-1">
        {data && (
          <div className="hidden w-56 shrink-0 flex-col border-r border-line lg:flex">
            <CollectionList {...list} />
          </div>
        )}
        <main className="min-w-0 flex-1 overflow-y-auto">
          <DropZone onCarried={(carried) => void droppedFiles(carried).then(addFiles)}>
            <div className="mx-auto flex w-full max-w-4xl flex-1 flex-col gap-4 px-4 py-6 md:px-6">
              {create.error && <Notice level="error">{wordsOf(create.error)}</Notice>}
              {error && (
                <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
                  {wordsOf(error)}
                </Notice>
              )}
              {isPending && !error && <Loading />}
              {data && !chosen && <NoDocuments mayEdit onChooseFiles={() => dialog.open('files')} />}
              {chosen && (
                <>
                  <div className="flex flex-wrap items-center gap-2">
                    <SearchField
                      key={query}
                      query={query}
                      onQuery={(text) => go({ search: text || undefined }, text ? 'push' : 'replace')}
                    />
                    <div className="min-w-0 lg:hidden">
                      <CollectionPicker {...list} />
                    </div>
                  </div>
                  {query ? (
                    <SearchResults query={query} />
                  ) : (
                    <CollectionView
                      key={chosen.id}
                      collection={chosen}
                      tab={tab}
                      onTab={(next) => go({ tab: next === 'documents' ? undefined : next })}
                      uploads={uploads}
                      onChooseFiles={() => dialog.open('files')}
                      onAddSource={(way) => setAsking({ way, collectionId: chosen.id })}
                      onGone={() => go({ collection: undefined, tab: undefined }, 'replace')}
                    />
                  )}
                </>
              )}
            </div>
          </DropZone>
        </main>
      </div>
      {asking?.way === 'collection' && <CreateCollectionDialog onClose={close} onCreated={choose} />}
      {asking?.collectionId && asking.way === 'text' && (
        <PasteTextDialog collectionId={asking.collectionId} onClose={close} />
      )}
      {asking?.collectionId && (asking.way === 'url' || asking.way === 'site' || asking.way === 'feed') && (
        <AddSourceDialog
          collectionId={asking.collectionId}
          kind={asking.way}
          onClose={close}
          onAdded={() => {
            close()
            go({ collection: asking.collectionId, tab: 'sources', search: undefined })
          }}
        />
      )}
    </>
  )
}
