'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { MailPlus } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { CreatedInvitation, CreateInvitation, Invitation, InvitedRole } from '@nitroagi/shared/workspaces'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { roleWords } from '../../backend-client/role-words.ts'
import { refusalOf, useForm } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { dayWords } from '../../ui/amounts.ts'
import { Button } from '../../ui/button.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'

const invitationsKey = ['invitations']
const InvitationList = z.object({ items: z.array(Invitation) })

export function Invitations() {
  return (
    <>
      <Invite />
      <OpenInvitations />
    </>
  )
}

function Invite() {
  const queries = useQueryClient()
  const [role, setRole] = useState<InvitedRole>('member')
  const [created, setCreated] = useState<CreatedInvitation>()
  const { errors, isBusy, submit } = useForm({
    schema: CreateInvitation,
    send: (body) => request('/workspace/invitations', CreatedInvitation, { method: 'POST', body }),
    onDone: async (invitation) => {
      setCreated(invitation)
      await queries.invalidateQueries({ queryKey: invitationsKey })
    },
  })
  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const email = String(given.get('email')).trim()
    setCreated(undefined)
    if (await submit({ ...(email && { email }), role, days: Number(given.get('days')) })) form.reset()
  }
  return (
    <Section
      title="Invite somebody"
      description="With an address only its owner can take the invitation. Without one, whoever has the link can, once."
    >
      <form onSubmit={(event) => void onSubmit(event)} noValidate className="flex flex-col gap-4">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <div className="flex flex-wrap gap-3">
          <TextField
            label="E-mail"
            name="email"
            type="email"
            autoComplete="off"
            placeholder="Leave it empty for a link"
            error={errors['email']}
            className="min-w-56 flex-1"
          />
          <SelectField
            label="Role"
            value={role}
            onChange={(event) => setRole(event.target.value as InvitedRole)}
            className="w-32"
          >
            {InvitedRole.options.map((role) => (
              <option key={role} value={role}>
                {roleWords[role].label}
              </option>
            ))}
          </SelectField>
          <SelectField label="Good for" name="days" defaultValue="7" className="w-32">
            <option value="1">A day</option>
            <option value="7">7 days</option>
            <option value="30">30 days</option>
          </SelectField>
        </div>
        <p className="text-sm text-ink-faint">
          {roleWords[role].label}: {roleWords[role].may}
        </p>
        <Button look="primary" type="submit" disabled={isBusy} className="self-start">
          Invite
        </Button>
      </form>
      {created && (
        <Notice level="info">
          <p className="pb-2">
            {created.wasMailed
              ? `A letter with this link is on its way to ${created.email}. The link is not shown again.`
              : 'Give this link to whom you invite. It is not shown again.'}
          </p>
          <CopyText label="Link of the invitation" text={created.link} />
        </Notice>
      )}
    </Section>
  )
}

function OpenInvitations() {
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: invitationsKey,
    queryFn: ({ signal }) => request('/workspace/invitations', InvitationList, { signal }),
  })
  const revoke = useMutation({
    mutationFn: (id: string) => request(`/workspace/invitations/${id}`, z.unknown(), { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: invitationsKey }),
  })
  return (
    <Section title="Open invitations">
      {(error ?? revoke.error) && <Notice level="error">{error ? wordsOf(error) : refusalOf(revoke.error)}</Notice>}
      {!data && !error && <Loading />}
      {data?.items.length === 0 && (
        <EmptyState icon={MailPlus} title="No open invitations">
          Those that nobody has taken yet stand here, to be called back.
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul aria-label="Open invitations" className="flex flex-col border-t border-line">
          {data.items.map(({ id, email, role, invitedBy, expiresAt }) => (
            <li key={id} className="flex min-h-15 items-center gap-3 border-b border-line py-2">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{email ?? 'Whoever has the link'}</p>
                <p className="text-sm text-ink-faint">
                  {roleWords[role].label} · by {invitedBy} · until {dayWords(expiresAt)}
                </p>
              </div>
              <Button
                aria-label={`Call back the invitation for ${email ?? 'whoever has the link'}`}
                disabled={revoke.isPending}
                onClick={() => revoke.mutate(id)}
              >
                Call back
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
