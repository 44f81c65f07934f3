'use client'

import { useQuery } from '@tanstack/react-query'
import { Search as SearchIcon, X } from 'lucide-react'
import { useState } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { SearchResult, type SearchHit, type SearchRequest } from '@nitroagi/shared/knowledge'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { IconButton } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { HitPanel } from './hit-panel.tsx'

type SearchFieldProps = { query: string; onQuery: (query: string) => void }

export function SearchField({ query, onQuery }: SearchFieldProps) {
  const [text, setText] = useState(query)
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        onQuery(text.trim())
      }}
      className="relative w-full sm:w-72"
    >
      <SearchIcon aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-ink-faint" />
      <input
        type="search"
        aria-label="Search all documents"
        placeholder="Search all documents"
        maxLength={limits.searchCharacters}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          if (event.target.value === '') onQuery('')
        }}
        className="h-9 w-full rounded-md border border-field-line bg-raised pr-8 pl-8 placeholder:text-ink-faint [&::-webkit-search-cancel-button]:hidden"
      />
      {text && (
        <IconButton
          label="Clear the search"
          onClick={() => {
            setText('')
            onQuery('')
          }}
          className="absolute top-1 right-1 size-7"
        >
          <X aria-hidden />
        </IconButton>
      )}
    </form>
  )
}

export function SearchResults({ query }: { query: string }) {
  const [opened, setOpened] = useState<SearchHit>()
  const body: SearchRequest = { query, limit: 20 }
  const { data, error, isPending } = useQuery({
    queryKey: ['search', query],
    queryFn: ({ signal }) => request('/search', SearchResult, { method: 'POST', body, signal }),
  })
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (isPending) {
    return (
      <div className="flex flex-col gap-3">
        <Skeleton className="h-16 w-full" />
        <Skeleton className="h-16 w-full" />
      </div>
    )
  }
  if (data.hits.length === 0) {
    return <p className="py-8 text-center text-ink-soft">Nothing in your documents fits this. Try other words.</p>
  }
  return (
    <section aria-label="Search results" className="flex flex-col">
      <p role="status" className="pb-2 text-sm text-ink-faint tabular-nums">
        {data.hits.length} passages in {Math.round(data.tookMs)} ms
      </p>
      <ol>
        {data.hits.map((hit) => (
          <Hit key={hit.entryId} hit={hit} onOpen={() => setOpened(hit)} />
        ))}
      </ol>
      <HitPanel hit={opened} onClose={() => setOpened(undefined)} />
    </section>
  )
}

const score = (value: number | null) => (value === null ? 'no match' : value.toFixed(2))

function Hit({ hit, onOpen }: { hit: SearchHit; onOpen: () => void }) {
  return (
    <li className="flex flex-col gap-1 border-b border-line py-3">
      <p className="flex items-baseline gap-2">
        <button type="button" onClick={onOpen} className="truncate text-left font-medium hover:underline">
          {hit.title}
        </button>
        <span className="shrink-0 text-sm text-ink-faint">{hit.pageLabel ?? `page ${hit.page}`}</span>
      </p>
      <p className="line-clamp-3 max-w-[75ch] leading-6 text-ink-soft">{hit.content}</p>
      <p className="text-xs text-ink-faint tabular-nums">
        score {hit.score.toFixed(2)} · words {score(hit.scores.lexical)} · meaning {score(hit.scores.vector)}
      </p>
    </li>
  )
}
