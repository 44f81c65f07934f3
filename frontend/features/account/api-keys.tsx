'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Trash2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { z } from 'zod'
import { ApiKey, CreatedApiKey } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'

const ApiKeyList = z.object({ items: z.array(ApiKey) })
const keysKey = ['api-keys']

export function ApiKeys() {
  const { data, error, isPending } = useQuery({
    queryKey: keysKey,
    queryFn: ({ signal }) => request('/api-keys', ApiKeyList, { signal }),
  })
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-6 md:px-6">
      <p className="max-w-[65ch] text-ink-soft">
        A key lets a program speak to NitroAGI as you: through the API, the command line, or any client made for OpenAI.
      </p>
      <CreateKey />
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {isPending && !error && <Skeleton className="h-12 w-full" />}
      {data?.items.length === 0 && (
        <EmptyState icon={KeyRound} title="No keys yet">
          Create one above. It is shown once, so keep it somewhere safe.
        </EmptyState>
      )}
      <ul aria-label="API keys">
        {data?.items.map((key) => (
          <KeyRow key={key.id} apiKey={key} />
        ))}
      </ul>
    </div>
  )
}

function CreateKey() {
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: (name: string) => request('/api-keys', CreatedApiKey, { method: 'POST', body: { name } }),
    onSettled: () => queries.invalidateQueries({ queryKey: keysKey }),
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    event.currentTarget.reset()
    if (name) create.mutate(name)
  }
  return (
    <>
      <form onSubmit={submit} className="flex items-end gap-2">
        <TextField
          label="Name of the new key"
          name="name"
          required
          maxLength={limits.nameCharacters}
          className="max-w-sm flex-1"
        />
        <Button look="primary" type="submit" disabled={create.isPending} className="h-10">
          Create key
        </Button>
      </form>
      {create.error && <Notice level="error">{wordsOf(create.error)}</Notice>}
      {create.data && (
        <Notice level="info">
          <p className="pb-1">This is the key “{create.data.name}”. It will not be shown again.</p>
          <code className="block rounded-md border border-line bg-canvas p-2 font-mono text-sm break-all text-ink select-all">
            {create.data.key}
          </code>
        </Notice>
      )}
    </>
  )
}

const day = (moment: string) => moment.slice(0, 10)

function Expiry({ moment }: { moment: string }) {
  const [now] = useState(() => Date.now())
  if (Date.parse(moment) > now) return <> · expires {day(moment)}</>
  return (
    <>
      {' · '}
      <span className="text-danger">expired {day(moment)}</span>
    </>
  )
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const revoke = useMutation({
    mutationFn: () => request(`/api-keys/${apiKey.id}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: keysKey }),
  })
  return (
    <li className="flex items-center gap-3 border-b border-line py-3">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{apiKey.name}</p>
        <p className="text-sm text-ink-faint">
          <span className="font-mono">{apiKey.prefix}…</span> · created {day(apiKey.createdAt)} ·{' '}
          {apiKey.lastUsedAt ? `last used ${day(apiKey.lastUsedAt)}` : 'never used'}
          {apiKey.expiresAt && <Expiry moment={apiKey.expiresAt} />}
        </p>
        {revoke.error && <p className="text-sm text-danger">{wordsOf(revoke.error)}</p>}
      </div>
      <IconButton label={`Revoke ${apiKey.name}`} onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
      </IconButton>
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title="Revoke this key?"
        description={`Programs that use “${apiKey.name}” will be refused from now on.`}
        confirm="Revoke"
        onConfirm={() => revoke.mutate()}
      />
    </li>
  )
}
