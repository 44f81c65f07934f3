'use client'

import { useState, type FormEvent } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAddText } from './use-sources.ts'

type PasteTextDialogProps = { collectionId: string; onClose: () => void }

export function PasteTextDialog({ collectionId, onClose }: PasteTextDialogProps) {
  const add = useAddText(collectionId)
  const [text, setText] = useState('')
  const isTooLong = text.length > limits.pastedCharacters

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const title = String(new FormData(event.currentTarget).get('title')).trim()
    if (!title || !text.trim() || isTooLong) return
    await add.mutateAsync({ title, text }).then(
      ({ created }) => created && onClose(),
      () => undefined,
    )
  }
  return (
    <Dialog open onClose={onClose} title="Paste text" description="It becomes a document. Markdown keeps its headings.">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField label="Title" name="title" required maxLength={limits.nameCharacters} />
        <TextArea
          label="Text"
          required
          rows={10}
          value={text}
          onChange={(event) => setText(event.target.value)}
          error={
            isTooLong
              ? `At most ${limits.pastedCharacters.toLocaleString('en')} characters; this has ${text.length.toLocaleString('en')}. Upload it as a file.`
              : add.error
                ? wordsOf(add.error)
                : undefined
          }
        />
        {add.data && !add.data.created && (
          <Notice level="info">This text is in the collection already: nothing was added.</Notice>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={add.isPending || !text.trim() || isTooLong}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
