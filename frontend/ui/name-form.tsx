'use client'

import { useState, type FormEvent } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { TextField } from './text-field.tsx'

type NameFormProps = {
  label: string
  autoComplete: 'name' | 'off'
  name: string
  errors: Readonly<Record<string, string | undefined>>
  isBusy: boolean
  /** True when it was done. */
  onSave: (wanted: { name: string }) => Promise<boolean>
}

/** A name with a button that saves it, and what became of it. */
export function NameForm({ label, autoComplete, name, errors, isBusy, onSave }: NameFormProps) {
  const [isSaved, setSaved] = useState(false)
  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setSaved(false)
    setSaved(await onSave({ name: String(new FormData(event.currentTarget).get('name')) }))
  }
  return (
    <form onSubmit={(event) => void onSubmit(event)} noValidate className="flex flex-col gap-3">
      {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
      <div className="flex flex-wrap items-start gap-2">
        <TextField
          label={label}
          name="name"
          autoComplete={autoComplete}
          defaultValue={name}
          maxLength={limits.nameCharacters}
          error={errors['name'] && 'Give a name of at least one character.'}
          className="max-w-sm min-w-56 flex-1"
        />
        <Button type="submit" disabled={isBusy} className="mt-6.5 h-10">
          Save
        </Button>
      </div>
      <p role="status" className="text-sm text-ink-soft empty:hidden">
        {isSaved && 'The name is saved.'}
      </p>
    </form>
  )
}
