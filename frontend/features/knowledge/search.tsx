'use client'

import { Search as SearchIcon, X } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { limits } from '@nitroagi/shared/limits'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useEarlyText } from '../../ui/use-early-text.ts'
import { plural } from './document-words.ts'
import { HitPanel } from './hit-panel.tsx'
import { choiceOf, filterOf, type SearchFilter } from './search-filter.ts'
import { SearchFilters } from './search-filters.tsx'
import { MissingDocument } from './search-missing.tsx'
import { WhyThisResult } from './search-why.tsx'
import { useCollections } from './use-collections.ts'
import { usePlace } from './use-place.ts'
import { useSearch } from './use-search.ts'

type SearchFieldProps = { query: string; onQuery: (query: string) => void }

export function SearchField({ query, onQuery }: SearchFieldProps) {
  const [text, setText] = useState(query)
  const field = useRef<HTMLInputElement>(null)
  useEarlyText(field, setText)
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
        ref={field}
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
  const { place, go } = usePlace()
  const choice = choiceOf(place)
  const collections = useCollections().data?.items ?? []
  return (
    <div className="flex flex-col gap-4">
      <SearchFilters collections={collections} choice={choice} onChoice={(change) => go(change, 'replace')} />
      <Results query={query} filter={filterOf(choice)} collections={collections} />
    </div>
  )
}

type ResultsProps = { query: string; filter: SearchFilter; collections: readonly Collection[] }

function Results({ query, filter, collections }: ResultsProps) {
  const [opened, setOpened] = useState<SearchHit>()
  const { data, error, isPending, isPlaceholderData, refetch } = useSearch(query, filter)
  if (error) {
    return (
      <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
        {wordsOf(error)}
      </Notice>
    )
  }
  if (isPending) {
    return (
      <div className="flex flex-col gap-3">
        <Skeleton className="h-16 w-full" />
        <Skeleton className="h-16 w-full" />
      </div>
    )
  }
  const notices = data.notices?.map(({ message }) => (
    <Notice key={message} level="warning">
      {message}
    </Notice>
  ))
  if (data.hits.length === 0) {
    return (
      <div className="flex flex-col items-center gap-3 py-8 text-center text-ink-soft">
        {notices}
        <p>
          {Object.keys(filter).length > 0
            ? 'Nothing that the filters leave fits this. Widen them, or try other words.'
            : 'Nothing in your documents fits this. Try other words.'}
        </p>
        <MissingDocument query={query} filter={filter} />
      </div>
    )
  }
  const nameOf = (hit: SearchHit) =>
    collections.length > 1 ? collections.find(({ id }) => id === hit.collectionId)?.name : undefined
  return (
    <section
      aria-label="Search results"
      aria-busy={isPlaceholderData}
      className="flex flex-col transition-opacity aria-busy:opacity-60"
    >
      {notices && <div className="flex flex-col gap-2 pb-3">{notices}</div>}
      <p role="status" className="pb-2 text-sm text-ink-faint tabular-nums">
        {plural(data.hits.length, 'passage')} in {Math.round(data.tookMs)} ms
      </p>
      <ol>
        {data.hits.map((hit) => (
          <Hit
            key={hit.entryId}
            query={query}
            filter={filter}
            hit={hit}
            collection={nameOf(hit)}
            onOpen={() => setOpened(hit)}
          />
        ))}
      </ol>
      <div className="pt-4">
        <MissingDocument query={query} filter={filter} />
      </div>
      <HitPanel hit={opened} onClose={() => setOpened(undefined)} />
    </section>
  )
}

type HitProps = {
  query: string
  filter: SearchFilter
  hit: SearchHit
  /** Where it lies, where that is not clear anyhow. */
  collection: string | undefined
  onOpen: () => void
}

function Hit({ query, filter, hit, collection, onOpen }: HitProps) {
  const [isExplained, setExplained] = useState(false)
  const reasons = useId()
  return (
    <li className="flex flex-col gap-1 border-b border-line py-3">
      <p className="flex items-baseline gap-2">
        <button type="button" onClick={onOpen} className="truncate text-left font-medium hover:underline">
          {hit.title}
        </button>
        <span className="shrink-0 text-sm text-ink-faint">{hit.pageLabel ?? `page ${hit.page}`}</span>
        {collection && <span className="ml-auto max-w-[40%] truncate text-sm text-ink-faint">{collection}</span>}
      </p>
      <p dir="auto" className="line-clamp-3 max-w-[75ch] leading-6 [overflow-wrap:anywhere] text-ink-soft">
        {plainWords(hit.content)}
      </p>
      <button
        type="button"
        aria-expanded={isExplained}
        aria-controls={isExplained ? reasons : undefined}
        onClick={() => setExplained(!isExplained)}
        className="self-start text-sm text-accent hover:underline"
      >
        Why this result
      </button>
      {isExplained && <WhyThisResult id={reasons} query={query} filter={filter} hit={hit} />}
    </li>
  )
}

/** The marks of headings say nothing in three lines of running text. */
const plainWords = (content: string) => content.replace(/^#{1,6} /gm, '')
