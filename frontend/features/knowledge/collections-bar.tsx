'use client'

import { Plus, Trash2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useCreateCollection, useDeleteCollection } from './use-documents.ts'

type CollectionsBarProps = { collections: Collection[]; chosen: Collection; onChoose: (id: string) => void }

export function CollectionsBar({ collections, chosen, onChoose }: CollectionsBarProps) {
  const [open, setOpen] = useState<'create' | 'delete'>()
  const remove = useDeleteCollection()
  return (
    <div className="flex items-center gap-1 border-b border-line">
      <nav aria-label="Collections" className="-mb-px flex min-w-0 flex-1 gap-1 -ml-2 overflow-x-auto py-1 pb-0">
        {collections.map((collection) => {
          const isChosen = collection.id === chosen.id
          return (
            <button
              key={collection.id}
              type="button"
              aria-current={isChosen || undefined}
              onClick={() => onChoose(collection.id)}
              className={classNames(
                'flex h-9 shrink-0 items-center gap-2 border-b-2 px-2 text-sm font-medium focus-visible:-outline-offset-2',
                isChosen ? 'border-accent text-ink' : 'border-transparent text-ink-soft hover:text-ink',
              )}
            >
              <span className="max-w-48 truncate">{collection.name}</span>
              <span className="text-xs text-ink-faint tabular-nums">
                {collection.documentCount.toLocaleString('en')}
              </span>
            </button>
          )
        })}
      </nav>
      <IconButton label="New collection" onClick={() => setOpen('create')}>
        <Plus aria-hidden />
      </IconButton>
      <IconButton label={`Delete the collection “${chosen.name}”`} onClick={() => setOpen('delete')}>
        <Trash2 aria-hidden />
      </IconButton>
      {open === 'create' && <CreateDialog onClose={() => setOpen(undefined)} onCreated={onChoose} />}
      <ConfirmDialog
        open={open === 'delete'}
        onClose={() => setOpen(undefined)}
        title={`Delete “${chosen.name}”?`}
        description={
          chosen.documentCount === 0
            ? 'The collection is empty.'
            : `Its ${chosen.documentCount.toLocaleString('en')} documents and everything indexed from them will be gone for good.`
        }
        confirm="Delete"
        onConfirm={() => remove.mutate(chosen.id)}
      />
    </div>
  )
}

function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (id: string) => void }) {
  const create = useCreateCollection()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    if (!name) return
    await create.mutateAsync(name).then(
      (collection) => {
        onCreated(collection.id)
        onClose()
      },
      () => undefined,
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="New collection"
      description="A collection keeps documents together that belong together."
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField
          label="Name"
          name="name"
          required
          maxLength={limits.nameCharacters}
          error={create.error ? wordsOf(create.error) : undefined}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={create.isPending}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
