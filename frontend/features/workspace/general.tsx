'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import type { FormEvent } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import type { Account } from '@nitroagi/shared/identity'
import { DeleteWorkspace, Installation, NameWorkspace } from '@nitroagi/shared/workspaces'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { signOutHere } from '../../backend-client/sign-out.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { refusalOf, useForm } from '../../backend-client/use-form.ts'
import { useWorkspaces } from '../../backend-client/use-workspaces.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { NameForm } from '../../ui/name-form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { RadioChoice } from '../../ui/radio-choice.tsx'
import { Section } from '../../ui/section.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { RequireSecondFactor } from './require-second-factor.tsx'

export function General({ account }: { account: Account }) {
  return (
    <>
      <Name account={account} />
      <RequireSecondFactor />
      <Registration />
      {account.role === 'owner' && <Delete account={account} />}
    </>
  )
}

function Name({ account }: { account: Account }) {
  const router = useRouter()
  const queries = useQueryClient()
  const { errors, isBusy, submit } = useForm({
    schema: NameWorkspace,
    send: (body) => request('/workspace', z.unknown(), { method: 'PATCH', body }),
    onDone: async () => {
      router.refresh()
      await queries.invalidateQueries({ queryKey: ['workspaces'] })
    },
  })
  return (
    <Section title="Name" description="Everybody who is in it sees it.">
      <NameForm
        label="Name of the workspace"
        autoComplete="off"
        name={account.workspaceName}
        errors={errors}
        isBusy={isBusy}
        onSave={submit}
      />
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
  return (
    <Section title="New accounts" description="Who may make an account on this installation.">
      {(error ?? change.error) && <Notice level="error">{error ? wordsOf(error) : refusalOf(change.error)}</Notice>}
      <RadioChoice
        legend="Who may make an account"
        isLegendHidden
        choices={choices}
        chosen={change.isPending ? change.variables.registration : data?.registration}
        disabled={change.isPending}
        onChoose={(registration) => change.mutate({ registration })}
      />
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
      else await signOutHere('/sign-in')
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
