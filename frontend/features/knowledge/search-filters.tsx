'use client'

import { useState, type ReactNode } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { Button } from '../../ui/button.tsx'
import { kinds, type SearchChoice } from './search-filter.ts'

const field = 'h-8 min-w-0 rounded-md border border-field-line bg-raised px-2 text-sm'

type SearchFiltersProps = {
  collections: readonly Collection[]
  choice: SearchChoice
  onChoice: (change: { [Name in keyof SearchChoice]: string | undefined }) => void
}

/** Where and what kind of document; each choice narrows the search at once. */
export function SearchFilters({ collections, choice, onChoice }: SearchFiltersProps) {
  const change = (name: keyof SearchChoice, value: string) => onChoice({ [name]: value || undefined })
  const everywhere = { in: undefined, kind: undefined, tags: undefined, from: undefined, to: undefined }
  return (
    <div
      role="group"
      aria-label="Narrow the search"
      className="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap"
    >
      <select
        aria-label="Collection"
        value={choice.in ?? ''}
        onChange={({ target }) => change('in', target.value)}
        className={`${field} sm:max-w-48`}
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
        value={choice.kind ?? ''}
        onChange={({ target }) => change('kind', target.value)}
        className={field}
      >
        <option value="">Any kind</option>
        {kinds.map(({ label }) => (
          <option key={label}>{label}</option>
        ))}
      </select>
      <TagField tags={choice.tags ?? ''} onTags={(tags) => change('tags', tags)} />
      {(['from', 'to'] as const).map((name) => (
        <Day key={name} label={name === 'from' ? 'From' : 'To'}>
          <input
            type="date"
            value={choice[name] ?? ''}
            onChange={({ target }) => change(name, target.value)}
            className={`${field} flex-1 tabular-nums`}
          />
        </Day>
      ))}
      {Object.keys(choice).length > 0 && (
        <Button className="col-span-2 h-8 text-sm" onClick={() => onChoice(everywhere)}>
          Search everywhere
        </Button>
      )}
    </div>
  )
}

/** Holds when it is left or Enter is pressed, not with every letter. */
function TagField({ tags, onTags }: { tags: string; onTags: (tags: string) => void }) {
  const [typed, setText] = useState<string>()
  const text = typed ?? tags
  function done() {
    setText(undefined)
    if (text.trim() !== tags) onTags(text.trim())
  }
  return (
    <input
      aria-label="Tags, separated by commas"
      placeholder="Any tag"
      value={text}
      maxLength={200}
      onChange={({ target }) => setText(target.value)}
      onBlur={done}
      onKeyDown={({ key }) => key === 'Enter' && done()}
      className={`${field} col-span-2 placeholder:text-ink-faint sm:w-32`}
    />
  )
}

const Day = ({ label, children }: { label: string; children: ReactNode }) => (
  <label className="flex min-w-0 items-center gap-1.5 text-sm text-ink-soft">
    {label}
    {children}
  </label>
)
