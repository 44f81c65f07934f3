'use client'

import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { DocumentFilter, DocumentState } from '@nitroagi/shared/knowledge'

const states: readonly { value: DocumentState; label: string }[] = [
  { value: 'working', label: 'Being worked on' },
  { value: 'ready', label: 'Ready' },
  { value: 'paused', label: 'Paused' },
  { value: 'failed', label: 'Failed' },
]

type DocumentFiltersProps = {
  filter: DocumentFilter
  /** Tags to choose from. */
  tags: readonly string[]
  onFilter: (filter: DocumentFilter) => void
}

const typingMs = 250
const field = 'h-8 rounded-md border border-field-line bg-raised text-sm'

export function DocumentFilters({ filter, tags, onFilter }: DocumentFiltersProps) {
  const [name, setName] = useState(filter.name ?? '')
  const offered = filter.tag && !tags.includes(filter.tag) ? [filter.tag, ...tags] : tags

  function change(part: { [Key in keyof DocumentFilter]: DocumentFilter[Key] | undefined }) {
    const next = Object.entries({ ...filter, ...part }).filter(([, value]) => value)
    onFilter(Object.fromEntries(next) as DocumentFilter)
  }

  useEffect(() => {
    if (name.trim() === (filter.name ?? '')) return
    const timer = setTimeout(() => change({ name: name.trim() || undefined }), typingMs)
    return () => clearTimeout(timer)
    // Only typing starts it: what else has changed by then is in `change` of that time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [name])

  return (
    <div role="group" aria-label="Filter documents" className="flex flex-wrap items-center gap-2">
      <div className="relative min-w-40 flex-1 sm:max-w-64">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2 size-4 text-ink-faint" />
        <input
          aria-label="Filter by name"
          placeholder="Filter by name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
          className={`${field} w-full pr-2 pl-8 placeholder:text-ink-faint`}
        />
      </div>
      <select
        aria-label="Filter by status"
        value={filter.state ?? ''}
        onChange={(event) => change({ state: (event.target.value || undefined) as DocumentState | undefined })}
        className={`${field} px-2`}
      >
        <option value="">Any status</option>
        {states.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {offered.length > 0 && (
        <select
          aria-label="Filter by tag"
          value={filter.tag ?? ''}
          onChange={(event) => change({ tag: event.target.value || undefined })}
          className={`${field} max-w-48 px-2`}
        >
          <option value="">Any tag</option>
          {offered.map((tag) => (
            <option key={tag}>{tag}</option>
          ))}
        </select>
      )}
    </div>
  )
}
