'use client'

import { Globe } from 'lucide-react'
import type { Collection } from '@nitroagi/shared/collections'
import type { SourceKind } from '@nitroagi/shared/sources'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { SourceRow } from './source-row.tsx'
import { kindWords } from './source-words.ts'
import { useSources } from './use-sources.ts'

const kinds: readonly SourceKind[] = ['url', 'site', 'feed']

type SourcesTabProps = { collection: Collection; onAdd: (kind: SourceKind) => void }

/** Where documents come from by themselves. */
export function SourcesTab({ collection, onAdd }: SourcesTabProps) {
  const { data, error, isPending, refetch } = useSources(collection.id)
  const mayEdit = collection.role !== 'reader'
  const sources = data?.items ?? []
  const buttons = mayEdit && (
    <div className="flex flex-wrap gap-2">
      {kinds.map((kind) => (
        <Button key={kind} onClick={() => onAdd(kind)}>
          Add a {kindWords[kind].toLowerCase()}
        </Button>
      ))}
    </div>
  )
  return (
    <>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {isPending && !error && <Loading />}
      {data && sources.length === 0 && (
        <EmptyState icon={Globe} title="Nothing is fetched yet" action={buttons}>
          A web page, a whole site or a feed can be read into this collection, and fetched again as often as you like.
        </EmptyState>
      )}
      {sources.length > 0 && (
        <>
          {buttons}
          <ul aria-label={`Sources of ${collection.name}`} className="flex flex-col">
            {sources.map((source) => (
              <SourceRow key={source.id} source={source} mayEdit={mayEdit} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}
