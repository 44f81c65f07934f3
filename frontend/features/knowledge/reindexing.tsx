'use client'

import { useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { plural } from './document-words.ts'
import { useCancelReindexing } from './use-collections.ts'

/** How far a change of model or passage size has come, wherever one looks at the collection. Its owners may cancel it. */
export function Reindexing({ collection: { id, name, role, reindexing } }: { collection: Collection }) {
  const { mutate, error, isPending } = useCancelReindexing(id)
  const [isAsking, setAsking] = useState(false)
  if (!reindexing) return null
  const { done, total } = reindexing
  const words = `Re-indexing: ${done.toLocaleString('en')} of ${plural(total, 'document')} done. Search goes on meanwhile.`
  return (
    <div className="flex flex-col gap-1.5">
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p role="status" className="text-sm text-ink-soft tabular-nums">
          {words}
        </p>
        {role === 'owner' && (
          <Button className="h-8 text-sm" disabled={isPending} onClick={() => setAsking(true)}>
            {isPending ? 'Cancelling…' : 'Cancel re-indexing'}
          </Button>
        )}
      </div>
      <ProgressBar label={`${name}: ${words}`} fraction={total === 0 ? null : done / total} />
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title="Cancel re-indexing?"
        description={`The collection goes on with the model and passage size it had before. ${backWords(done)} All of them stay searchable.`}
        confirm="Cancel re-indexing"
        dismiss="Keep re-indexing"
        onConfirm={() => mutate()}
      />
    </div>
  )
}

const backWords = (done: number) =>
  done === 0
    ? 'No document has been changed yet.'
    : `${plural(done, 'document')} that ${done === 1 ? 'is' : 'are'} done already will be made back in the background.`
