'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { CreatedApiKey, Scope, type CreateApiKey } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import { request } from '../../backend-client/request.ts'
import { useAccount } from '../../backend-client/use-account.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

export const keysKey = ['api-keys']

export const scopeWords: Record<Scope, string> = {
  read: 'Read and search',
  chat: 'Ask questions',
  knowledge: 'Change documents',
  admin: 'Manage the workspace',
}

const lifetimes = [
  { days: '30', label: '30 days' },
  { days: '90', label: '90 days' },
  { days: '365', label: 'A year' },
  { days: '', label: 'Until it is revoked' },
]

const usual: readonly Scope[] = ['read', 'chat']

export function CreateKey() {
  const queries = useQueryClient()
  const { data: account } = useAccount()
  const [missing, setMissing] = useState<string>()
  const create = useMutation({
    mutationFn: (body: CreateApiKey) => request('/api-keys', CreatedApiKey, { method: 'POST', body }),
    onSettled: () => queries.invalidateQueries({ queryKey: keysKey }),
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const name = String(given.get('name')).trim()
    const scopes = Scope.options.filter((scope) => given.getAll('scope').includes(scope))
    const days = Number(given.get('days'))
    setMissing(name === '' ? 'Name the key first.' : scopes.length === 0 ? 'Choose what the key may do.' : undefined)
    if (name === '' || scopes.length === 0) return
    const expiresAt = days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : undefined
    create.mutate({ name, scopes, ...(expiresAt && { expiresAt }) }, { onSuccess: () => form.reset() })
  }
  const isManager = account?.role === 'owner' || account?.role === 'admin'
  const offered = Scope.options.filter((scope) => scope !== 'admin' || isManager)
  return (
    <>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4 rounded-lg border border-line p-4">
        {(missing ?? create.error) && <Notice level="error">{missing ?? refusalOf(create.error)}</Notice>}
        <div className="flex flex-wrap gap-3">
          <TextField
            label="Name of the new key"
            name="name"
            autoComplete="off"
            maxLength={limits.nameCharacters}
            className="min-w-56 flex-1"
          />
          <SelectField label="Good for" name="days" defaultValue="90" className="w-44">
            {lifetimes.map(({ days, label }) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
          </SelectField>
        </div>
        <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
          <legend className="mb-1.5 text-sm font-medium">What it may do</legend>
          {offered.map((scope) => (
            <label key={scope} className="flex cursor-pointer items-center gap-2">
              <input
                type="checkbox"
                name="scope"
                value={scope}
                defaultChecked={usual.includes(scope)}
                className="size-4 accent-(--accent)"
              />
              {scopeWords[scope]}
            </label>
          ))}
        </fieldset>
        <Button look="primary" type="submit" disabled={create.isPending} className="self-start">
          Create key
        </Button>
      </form>
      {create.data && (
        <Notice level="info">
          <p className="pb-2">This is the key “{create.data.name}”. It will not be shown again.</p>
          <CopyText label="The new key" text={create.data.key} />
        </Notice>
      )}
    </>
  )
}
