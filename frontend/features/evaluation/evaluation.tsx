'use client'

import { BookOpen } from 'lucide-react'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import type { GoldenQuestion } from '@nitroagi/shared/evaluation'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { Gaps } from './gaps.tsx'
import { Measurement } from './measurement.tsx'
import { QuestionDialog } from './question-dialog.tsx'
import { QuestionList } from './question-list.tsx'
import { useEvaluation, useGoldenQuestions, useMeasurableCollections } from './use-evaluation.ts'

/** How well a collection is searched, by questions whose answers are known. */
export function Evaluation() {
  const { data: collections, error, isPending, refetch } = useMeasurableCollections()
  const wanted = useSearchParams().get('collection')
  const chosen = collections?.find(({ id }) => id === wanted) ?? collections?.[0]
  return (
    <>
      <PageHeader title="Evaluation">
        <Link href="/knowledge" className="text-sm text-ink-soft hover:text-ink">
          Back to the documents
        </Link>
      </PageHeader>
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-4xl flex-col gap-8 px-4 py-6 md:px-6">
          {error && (
            <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
              {wordsOf(error)}
            </Notice>
          )}
          {isPending && !error && <Loading />}
          {collections && !chosen && (
            <EmptyState icon={BookOpen} title="There is no collection to measure">
              Add documents on the Knowledge page first. Only owners and editors of a collection can measure it.
            </EmptyState>
          )}
          {collections && chosen && (
            <>
              <label className="flex flex-wrap items-center gap-2 self-start text-sm text-ink-soft">
                Collection
                <select
                  value={chosen.id}
                  onChange={({ target }) => history.replaceState(null, '', `?collection=${target.value}`)}
                  className="h-9 max-w-full rounded-md border border-field-line bg-raised px-2 text-ink"
                >
                  {collections.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
              <OfCollection key={chosen.id} collectionId={chosen.id} />
            </>
          )}
        </div>
      </main>
    </>
  )
}

type Editing = { question?: GoldenQuestion | undefined; words?: string }

function OfCollection({ collectionId }: { collectionId: string }) {
  const evaluation = useEvaluation(collectionId)
  const questions = useGoldenQuestions(collectionId)
  const [editing, setEditing] = useState<Editing>()
  return (
    <>
      <Measurement evaluation={evaluation} hasQuestions={(questions.list.data?.items.length ?? 0) > 0} />
      <QuestionList
        collectionId={collectionId}
        questions={questions}
        results={evaluation.state.data?.latest?.results ?? []}
        onEdit={(question) => setEditing({ question })}
      />
      <Gaps onAdd={(words) => setEditing({ words })} />
      {editing && <QuestionDialog collectionId={collectionId} {...editing} onClose={() => setEditing(undefined)} />}
    </>
  )
}
