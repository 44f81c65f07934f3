'use client'

import { X } from 'lucide-react'
import { useId, useState, type KeyboardEvent } from 'react'

type TagInputProps = {
  label: string
  tags: readonly string[]
  onChange: (tags: string[]) => void
  most: number
  longest: number
  disabled?: boolean
  hint?: string
}

/** Words as little labels: Enter or a comma adds one, Backspace in the empty field takes the last away. */
export function TagInput({ label, tags, onChange, most, longest, disabled, hint }: TagInputProps) {
  const id = useId()
  const [text, setText] = useState('')
  const isFull = tags.length >= most

  function add(words: string) {
    const wanted = words.split(',').map((word) => word.trim().toLowerCase().slice(0, longest))
    const added = [...new Set(wanted)].filter((word) => word !== '' && !tags.includes(word))
    if (added.length > 0) onChange([...tags, ...added].slice(0, most))
    setText('')
  }
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault()
      add(text)
    }
    if (event.key === 'Backspace' && text === '' && tags.length > 0) onChange(tags.slice(0, -1))
  }
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="flex min-h-10 flex-wrap items-center gap-1.5 rounded-md border border-field-line bg-raised px-2 py-1.5 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
        {tags.map((tag) => (
          <span key={tag} className="flex h-6 items-center gap-1 rounded-sm bg-hover pr-0.5 pl-2 text-sm">
            {tag}
            <button
              type="button"
              aria-label={`Remove the tag ${tag}`}
              disabled={disabled}
              onClick={() => onChange(tags.filter((other) => other !== tag))}
              className="flex size-5 items-center justify-center rounded-sm text-ink-soft hover:text-ink"
            >
              <X aria-hidden className="size-3" />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          disabled={disabled || isFull}
          placeholder={isFull ? `At most ${most} tags` : tags.length === 0 ? 'Add a tag' : ''}
          aria-describedby={hint ? `${id}-note` : undefined}
          maxLength={longest * 2}
          onKeyDown={onKeyDown}
          onBlur={() => text.trim() !== '' && add(text)}
          onChange={(event) =>
            event.target.value.includes(',') ? add(event.target.value) : setText(event.target.value)
          }
          className="h-6 min-w-24 flex-1 bg-transparent px-1 outline-none placeholder:text-ink-faint disabled:cursor-not-allowed"
        />
      </div>
      {hint && (
        <p id={`${id}-note`} className="text-sm text-ink-faint">
          {hint}
        </p>
      )}
    </div>
  )
}
