'use client'

import { useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { Button } from '../../ui/button.tsx'
import type { SearchFilter } from './use-search.ts'

const office = 'application/vnd.openxmlformats-officedocument'
const kinds: readonly { label: string; mediaTypes: string[] }[] = [
  { label: 'PDF', mediaTypes: ['application/pdf'] },
  { label: 'Word', mediaTypes: [`${office}.wordprocessingml.document`] },
  { label: 'Slides', mediaTypes: [`${office}.presentationml.presentation`] },
  { label: 'Tables', mediaTypes: [`${office}.spreadsheetml.sheet`, 'text/csv'] },
  { label: 'Text', mediaTypes: ['text/plain', 'text/markdown', 'application/json'] },
  { label: 'Web pages', mediaTypes: ['text/html'] },
  { label: 'Books', mediaTypes: ['application/epub+zip'] },
  { label: 'Mail', mediaTypes: ['message/rfc822'] },
  { label: 'Pictures', mediaTypes: ['image/png', 'image/jpeg'] },
]

const field = 'h-8 min-w-0 rounded-md border border-field-line bg-raised px-2 text-sm'
/** A day as the field gives it, in the time of whoever asks. */
const beginningOf = (day: string, daysLater = 0) => {
  const date = new Date(`${day}T00:00`)
  date.setDate(date.getDate() + daysLater)
  return date.toISOString()
}

type SearchFiltersProps = {
  collections: readonly Collection[]
  filter: SearchFilter
  onFilter: (filter: SearchFilter) => void
}

/** Where and what kind of document; each choice narrows the search at once. */
export function SearchFilters({ collections, filter, onFilter }: SearchFiltersProps) {
  const [days, setDays] = useState({ from: '', to: '' })
  const [tag, setTag] = useState(filter.tags?.join(', ') ?? '')

  function change(part: { [Key in keyof SearchFilter]: SearchFilter[Key] | undefined }) {
    onFilter(
      Object.fromEntries(
        Object.entries({ ...filter, ...part }).filter(([, value]) => value !== undefined),
      ) as SearchFilter,
    )
  }
  function changeDay(name: 'from' | 'to', day: string) {
    setDays({ ...days, [name]: day })
    change({ [name]: day ? beginningOf(day, name === 'to' ? 1 : 0) : undefined })
  }
  function changeTags(text: string) {
    const tags = text
      .split(',')
      .map((part) => part.trim().toLowerCase())
      .filter((part) => part !== '')
    change({ tags: tags.length > 0 ? tags : undefined })
  }

  return (
    <div role="group" aria-label="Narrow the search" className="flex flex-wrap items-center gap-2">
      <select
        aria-label="Collection"
        value={filter.collectionIds?.[0] ?? ''}
        onChange={({ target }) => change({ collectionIds: target.value ? [target.value] : undefined })}
        className={`${field} max-w-48`}
      >
        <option value="">All collections</option>
        {collections.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label="Kind of document"
        value={kinds.find(({ mediaTypes }) => mediaTypes[0] === filter.mediaTypes?.[0])?.label ?? ''}
        onChange={({ target }) => change({ mediaTypes: kinds.find(({ label }) => label === target.value)?.mediaTypes })}
        className={field}
      >
        <option value="">Any kind</option>
        {kinds.map(({ label }) => (
          <option key={label}>{label}</option>
        ))}
      </select>
      <input
        aria-label="Tags, separated by commas"
        placeholder="Any tag"
        value={tag}
        maxLength={200}
        onChange={({ target }) => setTag(target.value)}
        onBlur={() => changeTags(tag)}
        onKeyDown={({ key }) => key === 'Enter' && changeTags(tag)}
        className={`${field} w-32 placeholder:text-ink-faint`}
      />
      {(['from', 'to'] as const).map((name) => (
        <label key={name} className="flex items-center gap-1.5 text-sm text-ink-soft">
          {name === 'from' ? 'From' : 'To'}
          <input
            type="date"
            value={days[name]}
            onChange={({ target }) => changeDay(name, target.value)}
            className={`${field} tabular-nums`}
          />
        </label>
      ))}
      {Object.keys(filter).length > 0 && (
        <Button
          onClick={() => {
            setDays({ from: '', to: '' })
            setTag('')
            onFilter({})
          }}
        >
          Search everywhere
        </Button>
      )}
    </div>
  )
}
