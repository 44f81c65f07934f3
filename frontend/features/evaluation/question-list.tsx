'use client'

import { ListChecks, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Evaluation, GoldenQuestion } from '@nitroagi/shared/evaluation'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { place } from './figures.ts'
import { ImportDialog } from './import-dialog.tsx'
import type { useGoldenQuestions } from './use-evaluation.ts'

type QuestionListProps = {
  collectionId: string
  questions: ReturnType<typeof useGoldenQuestions>
  results: NonNullable<Evaluation['latest']>['results']
  onEdit: (question: GoldenQuestion | undefined) => void
}

/** The golden questions, each with the document that answers it and how it fared last. */
export function QuestionList({ collectionId, questions: { list, remove }, results, onEdit }: QuestionListProps) {
  const [deleting, setDeleting] = useState<GoldenQuestion>()
  const [isImporting, setIsImporting] = useState(false)
  const { data, error, isPending, refetch } = list
  const failure = remove.error ?? error
  return (
    <section aria-labelledby="questions" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="questions" className="font-semibold">
          Golden questions
        </h2>
        <div className="flex gap-2">
          <Button onClick={() => setIsImporting(true)}>Import</Button>
          <Button onClick={() => onEdit(undefined)}>Add a question</Button>
        </div>
      </div>
      {failure && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(failure)}
        </Notice>
      )}
      {isPending && !error && <Loading />}
      {data?.items.length === 0 && (
        <EmptyState icon={ListChecks} title="Add your first question">
          Ask something that a document of this collection answers, and name the document. Ten good questions show more
          than a hundred that are all alike.
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul aria-label="Golden questions">
          {data.items.map((question) => (
            <li key={question.id} className="flex items-start gap-3 border-b border-line py-2.5">
              <div className="min-w-0 flex-1">
                <p className="font-medium [overflow-wrap:anywhere]">{question.question}</p>
                <p className="text-sm text-ink-faint [overflow-wrap:anywhere]">{whereItStands(question)}</p>
                {question.note && <p className="text-sm text-ink-soft [overflow-wrap:anywhere]">{question.note}</p>}
              </div>
              <Fared result={results.find(({ questionId }) => questionId === question.id)} />
              <span className="flex shrink-0">
                <IconButton label={`Edit “${question.question}”`} onClick={() => onEdit(question)}>
                  <Pencil aria-hidden />
                </IconButton>
                <IconButton label={`Delete “${question.question}”`} onClick={() => setDeleting(question)}>
                  <Trash2 aria-hidden />
                </IconButton>
              </span>
            </li>
          ))}
        </ul>
      )}
      <ConfirmDialog
        open={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title="Delete this question?"
        description={`“${deleting?.question ?? ''}” is left out of later measurements. Those that were made stay as they are.`}
        confirm="Delete"
        onConfirm={() => deleting && remove.mutate(deleting.id)}
      />
      {isImporting && <ImportDialog collectionId={collectionId} onClose={() => setIsImporting(false)} />}
    </section>
  )
}

function whereItStands({ documentId, documentName, page, quote }: GoldenQuestion): string {
  const document = documentId === null ? `${documentName} (gone: choose another document)` : documentName
  return [document, page === null ? '' : `page ${page}`, quote ? `“${quote}”` : ''].filter(Boolean).join(' · ')
}

function Fared({ result }: { result: { rank: number | null; skipped: string | null } | undefined }) {
  if (!result) return <span className="shrink-0 text-sm text-ink-faint">not asked yet</span>
  if (result.skipped) return <span className="shrink-0 text-sm text-ink-faint">left out</span>
  const tone = result.rank === null ? 'text-danger' : 'text-ink-soft'
  return <span className={`shrink-0 text-sm tabular-nums ${tone}`}>{place(result.rank)}</span>
}
