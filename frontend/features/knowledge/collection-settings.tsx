'use client'

import { Trash2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TagInput } from '../../ui/tag-input.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { AccessChoice } from './access-choice.tsx'
import { CollectionIndexing } from './collection-indexing.tsx'
import { CollectionMembers } from './collection-members.tsx'
import { plural } from './document-words.ts'
import { Reindexing } from './reindexing.tsx'
import { SettingsSection } from './settings-section.tsx'
import { useChangeCollection, useDeleteCollection } from './use-collections.ts'
import { tagCharacters } from './use-documents.ts'

/** For owners; whoever edits or reads sees no settings. */
export function CollectionSettings({ collection, onGone }: { collection: Collection; onGone: () => void }) {
  const { embeddingModel, chunkProfile } = collection
  return (
    <div className="flex flex-col gap-8">
      <About collection={collection} />
      <CollectionMembers collection={collection} />
      <CollectionIndexing key={JSON.stringify([embeddingModel, chunkProfile])} collection={collection} />
      <Reindexing collection={collection} />
      <Delete collection={collection} onGone={onGone} />
    </div>
  )
}

function About({ collection }: { collection: Collection }) {
  const { mutate, error, isPending, isSuccess } = useChangeCollection(collection.id)
  const [tags, setTags] = useState(collection.tags)
  const [access, setAccess] = useState(collection.access)
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const name = String(fields.get('name')).trim()
    if (name) mutate({ name, description: String(fields.get('description')).trim(), tags, access })
  }
  return (
    <SettingsSection title="About">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          name="name"
          required
          maxLength={limits.nameCharacters}
          defaultValue={collection.name}
          error={error ? wordsOf(error) : undefined}
        />
        <TextArea
          label="Description"
          name="description"
          rows={2}
          maxLength={limits.descriptionCharacters}
          defaultValue={collection.description}
        />
        <TagInput label="Tags" tags={tags} onChange={setTags} most={limits.tags} longest={tagCharacters} />
        <AccessChoice access={access} onChange={setAccess} />
        <div className="flex items-center gap-3">
          <Button look="primary" type="submit" disabled={isPending}>
            Save
          </Button>
          <p role="status" className="text-sm text-ink-soft">
            {isSuccess ? 'Saved' : ''}
          </p>
        </div>
      </form>
    </SettingsSection>
  )
}

function Delete({ collection, onGone }: { collection: Collection; onGone: () => void }) {
  const { mutateAsync, error, isPending } = useDeleteCollection()
  const [isAsking, setAsking] = useState(false)
  return (
    <SettingsSection title="Delete">
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      <p className="text-ink-soft">
        {collection.documentCount === 0
          ? 'The collection is empty.'
          : `Its ${plural(collection.documentCount, 'document')} and everything indexed from them will be gone for good. Answers that quoted them keep their words.`}
      </p>
      <Button className="self-start text-danger" disabled={isPending} onClick={() => setAsking(true)}>
        <Trash2 aria-hidden className="size-4" />
        Delete this collection
      </Button>
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete “${collection.name}”?`}
        description={
          collection.documentCount === 0
            ? 'The collection is empty.'
            : `Its ${plural(collection.documentCount, 'document')} and everything indexed from them will be gone for good.`
        }
        confirm="Delete"
        onConfirm={() => void mutateAsync(collection.id).then(onGone, () => undefined)}
      />
    </SettingsSection>
  )
}
