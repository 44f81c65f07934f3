'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { z } from 'zod'
import { ApiKey } from '@nitroagi/shared/identity'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { CreateKey, keysKey, scopeWords } from './create-key.tsx'

const ApiKeyList = z.object({ items: z.array(ApiKey) })

export function ApiKeys() {
  const { data, error, isPending } = useQuery({
    queryKey: keysKey,
    queryFn: ({ signal }) => request('/api-keys', ApiKeyList, { signal }),
  })
  return (
    <Section
      title="API keys"
      description="A key lets a program speak to NitroAGI as you: through the API, the command line, or any client made for OpenAI. It never may more than you may yourself."
    >
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
    </Section>
  )
}

const listed = (words: readonly string[]) => new Intl.ListFormat('en', { type: 'conjunction' }).format(words)

const tierWords: Record<ApiKey['tier'], string> = {
  free: 'up to 100 requests an hour, 5 at once',
  pro: 'up to 1,000 requests an hour, 10 at once',
  enterprise: 'up to 10,000 requests an hour, 50 at once',
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
        <p className="text-sm text-ink-faint">
          May {listed(apiKey.scopes.map((scope) => scopeWords[scope].toLowerCase()))} · {tierWords[apiKey.tier]}
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
