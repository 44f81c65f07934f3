'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Session } from '@nitroagi/shared/identity'
import { sessionLimits } from '@nitroagi/shared/limits'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { momentWords } from '../../ui/amounts.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { browserWords, placeWords } from './browser-words.ts'

const sessionsKey = ['sessions']
const SessionList = z.object({ items: z.array(Session) })

/** Where one is signed in, and how that is ended. */
export function Sessions() {
  const { data, error } = useQuery({
    queryKey: sessionsKey,
    queryFn: ({ signal }) => request('/sessions', SessionList, { signal }),
  })
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const end = useMutation({
    mutationFn: (id?: string) => request(id ? `/sessions/${id}` : '/sessions', z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsKey }),
  })
  const others = data?.items.filter(({ isCurrent }) => !isCurrent) ?? []
  return (
    <Section
      title="Where you are signed in"
      description={`End what you do not recognise: that browser is out within seconds. Then change your password. With more than ${sessionLimits.atOnce}, the one used least lately ends.`}
    >
      {(error ?? end.error) && <Notice level="error">{error ? wordsOf(error) : refusalOf(end.error)}</Notice>}
      {!data && !error && <Loading />}
      {data && (
        <ul aria-label="Sessions" className="flex flex-col border-t border-line">
          {data.items.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              isBusy={end.isPending}
              onEnd={() => end.mutate(session.id)}
            />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <Button onClick={() => setAsking(true)} disabled={end.isPending} className="self-start">
          Sign out everywhere else
        </Button>
      )}
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title="Sign out everywhere else?"
        description={`${others.length === 1 ? 'One other browser' : `${others.length} other browsers`} will have to sign in again. This one stays.`}
        confirm="Sign them out"
        onConfirm={() => end.mutate(undefined)}
      />
    </Section>
  )
}

type SessionRowProps = { session: Session; isBusy: boolean; onEnd: () => void }

function SessionRow({ session, isBusy, onEnd }: SessionRowProps) {
  const browser = browserWords(session.userAgent)
  return (
    <li className="flex min-h-15 items-center gap-3 border-b border-line py-2">
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {browser}
          {session.isCurrent && <span className="font-normal text-accent"> · this browser</span>}
        </p>
        <p className="text-sm text-ink-faint">
          {placeWords(session.address)} · last seen {momentWords(session.lastSeenAt)} · signed in{' '}
          {momentWords(session.createdAt)} · ends {momentWords(session.expiresAt)} if it is not used
        </p>
      </div>
      {!session.isCurrent && (
        <Button aria-label={`End the session of ${browser}`} disabled={isBusy} onClick={onEnd}>
          End
        </Button>
      )}
    </li>
  )
}
