'use client'

import { useState, type FormEvent } from 'react'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useGoldenQuestions } from './use-evaluation.ts'

const linesShown = 5

export function ImportDialog({ collectionId, onClose }: { collectionId: string; onClose: () => void }) {
  const { importMany } = useGoldenQuestions(collectionId)
  const [text, setText] = useState('')
  const { data } = importMany

  function submit(event: FormEvent) {
    event.preventDefault()
    importMany.mutate({ format: text.trimStart().startsWith('{') ? 'jsonl' : 'csv', text })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Import questions"
      description="Lines of JSON, or CSV whose first line names the columns: question, document, page, quote, note."
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextArea
          label="Lines"
          required
          rows={8}
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={'question,document,page\nWhen did the Vasa sink?,ships.pdf,4'}
          hint="A document is named by its name, its id, or the id that it was uploaded with."
        />
        {importMany.error && <Notice level="error">{wordsOf(importMany.error)}</Notice>}
        {data && (
          <Notice level={data.skipped.length > 0 ? 'warning' : 'info'}>
            {data.added === 1 ? '1 question was added.' : `${data.added} questions were added.`}
            {data.skipped.slice(0, linesShown).map(({ line, reason }) => (
              <span key={line} className="block">
                Line {line}: {reason}
              </span>
            ))}
            {data.skipped.length > linesShown && (
              <span className="block">And {data.skipped.length - linesShown} more.</span>
            )}
          </Notice>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{data ? 'Done' : 'Cancel'}</Button>
          <Button look="primary" type="submit" disabled={importMany.isPending || !text.trim()}>
            Import
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
