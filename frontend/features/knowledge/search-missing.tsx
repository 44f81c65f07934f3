'use client'

import { useDeferredValue, useState } from 'react'
import type { DocumentStanding } from '@nitroagi/shared/search'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { SearchFilter } from './search-filter.ts'
import { SearchStages } from './search-why.tsx'
import { useDocumentsNamed, useExplanation } from './use-search.ts'

type MissingProps = { query: string; filter: SearchFilter }

/** For whoever expected another document: where the search lost it. */
export function MissingDocument({ query, filter }: MissingProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Why is my document not here?</Button>
      <Dialog
        open={isOpen}
        onClose={() => setOpen(false)}
        title="Why is my document not here?"
        description="Choose a document to see the first stage of the search that lost it."
      >
        <Picker query={query} filter={filter} />
        <Button className="self-end" onClick={() => setOpen(false)}>
          Close
        </Button>
      </Dialog>
    </>
  )
}

function Picker({ query, filter }: MissingProps) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<{ id: string; name: string }>()
  const { data, error } = useDocumentsNamed(useDeferredValue(name.trim()))
  return (
    <div className="flex min-h-64 flex-col gap-3">
      <TextField label="Part of its name" value={name} onChange={({ target }) => setName(target.value)} />
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {data?.items.length === 0 && <p className="text-sm text-ink-soft">No document is called that.</p>}
      <ul aria-label="Documents" className="flex flex-col">
        {data?.items.map((document) => (
          <li key={document.id}>
            <button
              type="button"
              aria-pressed={document.id === chosen?.id}
              onClick={() => setChosen(document)}
              className="w-full truncate rounded-md px-2 py-1.5 text-left text-sm hover:bg-hover aria-pressed:bg-hover aria-pressed:font-medium"
            >
              {document.name}
            </button>
          </li>
        ))}
      </ul>
      {chosen && <Standing key={chosen.id} documentId={chosen.id} name={chosen.name} query={query} filter={filter} />}
    </div>
  )
}

function Standing({ documentId, name, query, filter }: MissingProps & { documentId: string; name: string }) {
  const { data, error } = useExplanation(query, filter, documentId, true)
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (!data?.explanation?.document) return <Skeleton className="h-16 w-full" />
  const { document } = data.explanation
  return (
    <section aria-label={`How the search saw ${name}`} role="status" className="flex flex-col gap-2">
      <Notice level={document.lostAt === null ? 'info' : 'warning'}>
        {document.reason} {advice[document.lostAt ?? 'found']}
      </Notice>
      <SearchStages explanation={data.explanation} />
    </section>
  )
}

const advice: Record<NonNullable<DocumentStanding['lostAt']> | 'found', string> = {
  found: '',
  scope: 'Search all collections, or look at whether the document is ready.',
  filter: 'Take the filter away to find it.',
  words: 'Ask with words that stand in it.',
  meaning: 'Ask with words that stand in it.',
  fusion: 'Ask with words that stand in it.',
  rerank: '',
  arrangement: '',
  limit: 'Ask more precisely, or narrow the search to its collection.',
}
