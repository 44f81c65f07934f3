'use client'

import { useState, type FormEvent } from 'react'
import type { GoldenQuestion } from '@nitroagi/shared/evaluation'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useDocumentChoice, useGoldenQuestions } from './use-evaluation.ts'

type QuestionDialogProps = {
  collectionId: string
  /** The one to change; without it a new one begins with these words. */
  question?: GoldenQuestion | undefined
  words?: string | undefined
  onClose: () => void
}

export function QuestionDialog({ collectionId, question, words, onClose }: QuestionDialogProps) {
  const { save } = useGoldenQuestions(collectionId)
  const documents = useDocumentChoice(collectionId)
  const [documentId, setDocumentId] = useState(question?.documentId ?? '')

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    await save
      .mutateAsync({
        id: question?.id,
        question: text('question'),
        documentId,
        page: text('page') ? Number(text('page')) : null,
        quote: text('quote') || null,
        note: text('note'),
      })
      .then(onClose, () => undefined)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={question ? 'Change the question' : 'Add a golden question'}
      description="A question, and where in this collection its answer stands."
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextArea
          label="Question"
          name="question"
          required
          rows={2}
          maxLength={limits.searchCharacters}
          defaultValue={question?.question ?? words}
        />
        <SelectField
          label="Document that answers it"
          name="documentId"
          required
          value={documentId}
          onChange={(event) => setDocumentId(event.target.value)}
          hint={documents.data?.length === 0 ? 'This collection has no document yet.' : undefined}
          error={documents.error ? wordsOf(documents.error) : undefined}
        >
          <option value="">{documents.isPending ? 'Loading…' : 'Choose a document'}</option>
          {documents.data?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <div className="grid grid-cols-[6rem_1fr] gap-3">
          <TextField label="Page" name="page" type="number" min={1} defaultValue={question?.page ?? ''} />
          <TextField label="Words of the passage" name="quote" maxLength={1_000} defaultValue={question?.quote ?? ''} />
        </div>
        <p className="-mt-2 text-sm text-ink-faint">
          Leave both empty when any passage of the document will do; otherwise only a passage there counts as right.
        </p>
        <TextField
          label="Note"
          name="note"
          maxLength={limits.descriptionCharacters}
          defaultValue={question?.note ?? ''}
        />
        {save.error && <Notice level="error">{wordsOf(save.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={save.isPending || documentId === ''}>
            {question ? 'Save' : 'Add'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
