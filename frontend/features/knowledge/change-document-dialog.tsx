'use client'

import { useState, type FormEvent } from 'react'
import type { Document } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TagInput } from '../../ui/tag-input.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { tagCharacters, useDocumentActions } from './use-documents.ts'

/** What a document is called and filed under; search knows it at once. */
export function ChangeDocumentDialog({ document, onClose }: { document: Document; onClose: () => void }) {
  const { change } = useDocumentActions(document)
  const [tags, setTags] = useState(document.tags)
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    if (!name) return
    await change.mutateAsync({ name, tags }).then(onClose, () => undefined)
  }
  return (
    <Dialog open onClose={onClose} title="Name and tags">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField
          label="Name"
          name="name"
          required
          maxLength={500}
          defaultValue={document.name}
          error={change.error ? wordsOf(change.error) : undefined}
        />
        <TagInput label="Tags" tags={tags} onChange={setTags} most={limits.tags} longest={tagCharacters} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={change.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
