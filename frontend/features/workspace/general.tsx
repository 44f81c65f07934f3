'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { signOut } from 'next-auth/react'
import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import type { Account } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import { DeleteWorkspace, Installation, NameWorkspace } from '@nitroagi/shared/workspaces'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { refusalOf, useForm } from '../../backend-client/use-form.ts'
import { useWorkspaces } from '../../backend-client/use-workspaces.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { TextField } from '../../ui/text-field.tsx'

export function General({ account }: { account: Account }) {
  return (
    <>
      <Name account={account} />
      <Registration />
      {account.role === 'owner' && <Delete account={account} />}
    </>
  )
}

function Name({ account }: { account: Account }) {
  const router = useRouter()
  const queries = useQueryClient()
  const [isSaved, setSaved] = useState(false)
  const { errors, isBusy, submit } = useForm({
    schema: NameWorkspace,
    send: (body) => request('/workspace', z.unknown(), { method: 'PATCH', body }),
    onDone: async () => {
      setSaved(true)
      router.refresh()
      await queries.invalidateQueries({ queryKey: ['workspaces'] })
    },
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setSaved(false)
    void submit({ name: String(new FormData(event.currentTarget).get('name')) })
  }
  return (
    <Section title="Name" description="Everybody who is in it sees it.">
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-3">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <div className="flex flex-wrap items-start gap-2">
          <TextField
            label="Name of the workspace"
            name="name"
            autoComplete="off"
            defaultValue={account.workspaceName}
            maxLength={limits.nameCharacters}
            error={errors['name'] && 'Give a name of at least one character.'}
            className="max-w-sm min-w-56 flex-1"
          />
          <Button type="submit" disabled={isBusy} className="mt-6.5 h-10">
            Save
          </Button>
        </div>
        <p role="status" className="text-sm text-ink-soft empty:hidden">
          {isSaved && !isBusy && 'The name is saved.'}
        </p>
      </form>
    </Section>
  )
}

const choices = [
  {
    value: 'invitation',
    label: 'By invitation only',
    hint: 'Only those whom somebody invites get an account.',
  },
  {
    value: 'open',
    label: 'Open to everybody',
    hint: 'Whoever reaches this site can make an account, with a workspace of their own. They see nothing of yours.',
  },
] as const

/** For those who decide over the whole installation; to others it is not there. */
function Registration() {
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: ['installation'],
    queryFn: ({ signal }) => request('/installation', Installation, { signal }),
  })
  const change = useMutation({
    mutationFn: (body: Installation) => request('/installation', z.unknown(), { method: 'PUT', body }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['installation'] }),
  })
  const isElsewhere = error instanceof NitroError && ['not_found', 'forbidden'].includes(error.code)
  if (isElsewhere || (!data && !error)) return null
  const chosen = change.isPending ? change.variables.registration : data?.registration
  return (
    <Section title="New accounts" description="Who may make an account on this installation.">
      {(error ?? change.error) && <Notice level="error">{error ? wordsOf(error) : refusalOf(change.error)}</Notice>}
      <fieldset disabled={change.isPending} className="flex flex-col gap-2">
        <legend className="sr-only">Who may make an account</legend>
        {choices.map(({ value, label, hint }) => (
          <label key={value} className="flex cursor-pointer items-start gap-2.5">
            <input
              type="radio"
              name="registration"
              value={value}
              checked={chosen === value}
              onChange={() => change.mutate({ registration: value })}
              className="mt-0.5 size-4 shrink-0 accent-(--accent)"
            />
            <span className="flex flex-col">
              {label}
              <span className="text-sm text-ink-faint">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Section>
  )
}

function Delete({ account }: { account: Account }) {
  const { data: workspaces } = useWorkspaces()
  const { errors, isBusy, submit } = useForm({
    schema: DeleteWorkspace.refine(({ name }) => name === account.workspaceName, {
      path: ['name'],
      message: 'This is not the name of the workspace.',
    }),
    send: (body) => request('/workspace/delete', z.unknown(), { method: 'POST', body }),
    onDone: async () => {
      const other = workspaces?.items.find(({ isCurrent }) => !isCurrent)
      if (other) await switchWorkspace(other.id)
      else await signOut({ callbackUrl: '/sign-in' })
    },
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void submit({ name: String(new FormData(event.currentTarget).get('name')) })
  }
  return (
    <Section
      title="Delete the workspace"
      description="With everything in it: documents, conversations, members, keys and the audit log. This cannot be undone."
    >
      <form onSubmit={onSubmit} noValidate className="flex max-w-sm flex-col gap-3">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <TextField
          label={`Type ${account.workspaceName} to say that you mean it`}
          name="name"
          autoComplete="off"
          spellCheck={false}
          error={errors['name']}
        />
        <Button look="danger" type="submit" disabled={isBusy} className="self-start">
          {isBusy ? 'Deleting…' : 'Delete the workspace'}
        </Button>
      </form>
    </Section>
  )
}
