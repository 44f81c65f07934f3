'use client'

import { useIsViewer } from '../../backend-client/use-account.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { Button } from '../../ui/button.tsx'
import { DropZone } from '../../ui/drop-zone.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { AddMenu } from './add-menu.tsx'
import { CollectionList, CollectionPicker } from './collection-list.tsx'
import { CollectionView, type CollectionTab } from './collection-view.tsx'
import { useDocumentEvents } from './document-events.ts'
import { NoDocuments } from './documents-tab.tsx'
import { droppedFiles } from './dropped-files.ts'
import { choices } from './search-filter.ts'
import { SearchField, SearchResults } from './search.tsx'
import { useAdding } from './use-adding.tsx'
import { useCollections } from './use-collections.ts'
import { usePlace } from './use-place.ts'
import { useUploads } from './use-uploads.ts'

/** Nothing is searched for any more; what it was narrowed to goes with it. */
const noSearch = Object.fromEntries(['search', ...choices].map((name) => [name, undefined]))

const tabs: readonly CollectionTab[] = ['documents', 'sources', 'settings']

export function Knowledge() {
  useDocumentEvents()
  const { data, error, isPending, refetch } = useCollections()
  const isViewer = useIsViewer()
  const uploads = useUploads()
  const { place, go } = usePlace()
  const collections = data?.items ?? []
  const chosen = collections.find(({ id }) => id === place.get('collection')) ?? collections[0]
  const query = place.get('search')
  const show = (id: string, tab?: CollectionTab) => go({ ...noSearch, collection: id, tab })
  const adding = useAdding({ collection: chosen, uploads, onShow: show })
  const failure = error ?? adding.failure
  const list = {
    collections,
    chosen: query ? undefined : chosen,
    onChoose: (id: string) => show(id),
    onCreate: isViewer ? undefined : adding.createCollection,
  }
  return (
    <>
      <PageHeader title="Knowledge">
        {data && chosen?.role !== 'reader' && !isViewer && <AddMenu onAdd={adding.add} />}
      </PageHeader>
      <div className="flex min-h-0 flex-1">
        {data && (
          <div className="hidden w-56 shrink-0 flex-col border-r border-line lg:flex">
            <CollectionList {...list} />
          </div>
        )}
        <main className="min-w-0 flex-1 overflow-y-auto">
          <DropZone onCarried={(carried) => data && void droppedFiles(carried).then(adding.addFiles)}>
            <div className="mx-auto flex w-full max-w-4xl flex-1 flex-col gap-4 px-4 py-6 md:px-6">
              {failure && (
                <Notice level="error" action={error && <Button onClick={() => void refetch()}>Try again</Button>}>
                  {wordsOf(failure)}
                </Notice>
              )}
              {isPending && !error && <Loading />}
              {data && !chosen && <NoDocuments mayEdit={!isViewer} onChooseFiles={() => adding.add('files')} />}
              {chosen && (
                <>
                  <Finder list={list} />
                  {query ? (
                    <SearchResults query={query} />
                  ) : (
                    <CollectionView
                      key={chosen.id}
                      collection={chosen}
                      tab={tabs.find((name) => name === place.get('tab')) ?? 'documents'}
                      onTab={(tab) => go({ tab: tab === 'documents' ? undefined : tab })}
                      uploads={uploads}
                      onAdd={adding.add}
                      onGone={() => go({ collection: undefined, tab: undefined }, 'replace')}
                    />
                  )}
                </>
              )}
            </div>
          </DropZone>
        </main>
      </div>
      {adding.dialogs}
    </>
  )
}

/** What is searched for, and on a phone where one is. */
function Finder({ list }: { list: Parameters<typeof CollectionPicker>[0] }) {
  const { place, go } = usePlace()
  const query = place.get('search') ?? ''
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField
        key={query}
        query={query}
        onQuery={(text) => (text ? go({ search: text }) : go(noSearch, 'replace'))}
      />
      {/* A search looks through all of them, unless it is narrowed below. */}
      {query === '' && (
        <div className="min-w-0 lg:hidden">
          <CollectionPicker {...list} />
        </div>
      )}
    </div>
  )
}
