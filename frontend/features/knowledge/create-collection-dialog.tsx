'use client'

import { useState, type FormEvent } from 'react'
import type { CollectionAccess } from '@nitroagi/shared/collections'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { AccessChoice } from './access-choice.tsx'
import { useCreateCollection } from './use-collections.ts'

type CreateCollectionDialogProps = { onClose: () => void; onCreated: (id: string) => void }

export function CreateCollectionDialog({ onClose, onCreated }: CreateCollectionDialogProps) {
  const create = useCreateCollection()
  const [access, setAccess] = useState<CollectionAccess>('workspace')
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const name = String(fields.get('name')).trim()
    const description = String(fields.get('description')).trim()
    if (!name) return
    const wanted = { name, access, ...(description ? { description } : {}) }
    await create.mutateAsync(wanted).then(
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
        <TextArea
          label="Description (optional)"
          name="description"
          rows={2}
          maxLength={limits.descriptionCharacters}
          hint="What is in it, for those who choose where to look."
        />
        <AccessChoice access={access} onChange={setAccess} />
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
