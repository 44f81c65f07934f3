'use client'

import { Pause, Play, Tag, Trash2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Document } from '@nitroagi/shared/knowledge'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { CheckBox } from '../../ui/check-box.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { mayPause, mayResume, plural } from './document-words.ts'
import { tagCharacters, useBulkAction, type BulkAction } from './use-documents.ts'

type BulkBarProps = {
  collectionId: string
  shown: readonly Document[]
  selected: readonly Document[]
  onSelect: (ids: ReadonlySet<string>) => void
}

/** What can be done to many documents at once. */
export function BulkBar({ collectionId, shown, selected, onSelect }: BulkBarProps) {
  const { mutate, data, isPending } = useBulkAction(collectionId)
  const [asking, setAsking] = useState<'delete' | 'tag'>()
  const pausable = selected.filter(mayPause)
  const resumable = selected.filter(mayResume)
  const run = (action: BulkAction, documents = selected) =>
    mutate({ action, documents }, { onSuccess: ({ failures }) => failures.length === 0 && onSelect(new Set()) })
  const isAll = shown.length > 0 && selected.length === shown.length
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line pb-2">
      <CheckBox
        label={isAll ? 'Select none' : 'Select all that are shown'}
        checked={isAll}
        isPartly={selected.length > 0 && !isAll}
        onChange={(checked) => onSelect(new Set(checked ? shown.map(({ id }) => id) : []))}
      />
      <p role="status" className="flex-1 text-sm whitespace-nowrap text-ink-faint tabular-nums">
        {selected.length > 0 ? `${selected.length} selected` : plural(shown.length, 'document') + ' shown'}
      </p>
      {selected.length > 0 && (
        <div role="group" aria-label="With those selected" className="flex flex-wrap gap-2">
          {pausable.length > 0 && (
            <Button className="h-8 text-sm" disabled={isPending} onClick={() => run({ kind: 'pause' }, pausable)}>
              <Pause aria-hidden className="size-3.5" />
              Pause
            </Button>
          )}
          {resumable.length > 0 && (
            <Button className="h-8 text-sm" disabled={isPending} onClick={() => run({ kind: 'resume' }, resumable)}>
              <Play aria-hidden className="size-3.5" />
              Resume
            </Button>
          )}
          <Button className="h-8 text-sm" disabled={isPending} onClick={() => setAsking('tag')}>
            <Tag aria-hidden className="size-3.5" />
            Tag
          </Button>
          <Button className="h-8 text-sm text-danger" disabled={isPending} onClick={() => setAsking('delete')}>
            <Trash2 aria-hidden className="size-3.5" />
            Delete
          </Button>
        </div>
      )}
      {data && data.failures.length > 0 && (
        <p role="alert" className="w-full text-sm text-danger">
          Not done for {plural(data.failures.length, 'document')}: {wordsOf(data.failures[0])}
        </p>
      )}
      <ConfirmDialog
        open={asking === 'delete'}
        onClose={() => setAsking(undefined)}
        title={`Delete ${plural(selected.length, 'document')}?`}
        description="They and everything indexed from them will be gone for good. Answers that quoted them keep their words."
        confirm="Delete"
        onConfirm={() => run({ kind: 'delete' })}
      />
      {asking === 'tag' && <TagDialog count={selected.length} onClose={() => setAsking(undefined)} onAction={run} />}
    </div>
  )
}

type TagDialogProps = { count: number; onClose: () => void; onAction: (action: BulkAction) => void }

function TagDialog({ count, onClose, onAction }: TagDialogProps) {
  const [text, setText] = useState('')
  const tag = text.trim().toLowerCase()
  function act(kind: 'tag' | 'untag') {
    if (!tag) return
    onAction({ kind, tag })
    onClose()
  }
  function submit(event: FormEvent) {
    event.preventDefault()
    act('tag')
  }
  return (
    <Dialog open onClose={onClose} title={`Tag ${plural(count, 'document')}`}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Tag"
          value={text}
          required
          maxLength={tagCharacters}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button disabled={!tag} onClick={() => act('untag')}>
            Remove it
          </Button>
          <Button look="primary" type="submit" disabled={!tag}>
            Add it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
