'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Role } from '@nitroagi/shared/identity'
import { WorkspaceMember, type ChangeMember } from '@nitroagi/shared/workspaces'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { roleWords } from '../../backend-client/role-words.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { LeaveWorkspace } from './leave-workspace.tsx'
import { MemberRow } from './member-row.tsx'

const membersKey = ['workspace-members']
const MemberList = z.object({ items: z.array(WorkspaceMember) })

export function Members({ yourRole }: { yourRole: Role }) {
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: membersKey,
    queryFn: ({ signal }) => request('/workspace/members', MemberList, { signal }),
  })
  const onSettled = () => queries.invalidateQueries({ queryKey: membersKey })
  const change = useMutation({
    mutationFn: ({ userId, ...body }: ChangeMember & { userId: string }) =>
      request(`/workspace/members/${userId}`, z.unknown(), { method: 'PATCH', body }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (userId: string) => request(`/workspace/members/${userId}`, z.unknown(), { method: 'DELETE' }),
    onSettled,
  })
  const [isExplaining, setExplaining] = useState(false)
  const isManager = yourRole === 'owner' || yourRole === 'admin'
  const failure = change.error ?? remove.error
  const owners = data?.items.filter(({ role, suspendedAt }) => role === 'owner' && !suspendedAt).length ?? 0
  const you = data?.items.find(({ isYou }) => isYou)
  return (
    <>
      <Section
        title="Members"
        description={
          isManager ? 'What changes here holds within seconds, also where somebody is signed in just now.' : undefined
        }
      >
        {(error ?? failure) && <Notice level="error">{error ? wordsOf(error) : refusalOf(failure)}</Notice>}
        {!data && !error && <Loading />}
        {data && (
          <ul aria-label="Members" className="flex flex-col border-t border-line">
            {data.items.map((member) => (
              <MemberRow
                key={member.userId}
                member={member}
                yourRole={yourRole}
                isLastOwner={member.role === 'owner' && owners === 1}
                isBusy={change.isPending || remove.isPending}
                onChange={(changed) => change.mutate({ userId: member.userId, ...changed })}
                onRemove={() => remove.mutate(member.userId)}
              />
            ))}
          </ul>
        )}
        {isManager && data?.items.length === 1 && (
          <p className="text-ink-soft">
            You are alone here. <TextLink href="/workspace/invitations">Invite somebody</TextLink>
          </p>
        )}
        <Button
          look="quiet"
          aria-expanded={isExplaining}
          onClick={() => setExplaining(!isExplaining)}
          className="-ml-3 self-start"
        >
          What may which role?
        </Button>
        {isExplaining && (
          <dl className="flex flex-col gap-2 text-sm">
            {Role.options.map((role) => (
              <div key={role} className="flex gap-3">
                <dt className="w-16 shrink-0 font-medium">{roleWords[role].label}</dt>
                <dd className="text-ink-soft">{roleWords[role].may}</dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
      {you && <LeaveWorkspace you={you} isLastOwner={you.role === 'owner' && owners === 1} />}
    </>
  )
}
