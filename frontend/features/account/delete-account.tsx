'use client'

import type { FormEvent } from 'react'
import { DeleteAccount as Wanted } from '@nitroagi/shared/account-care'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { signOutHere } from '../../backend-client/sign-out.ts'
import { useAccount } from '../../backend-client/use-account.ts'
import { useForm } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'

/** Everything of one's own goes; nobody does it by a slip. */
export function DeleteAccount() {
  const { data: account, error } = useAccount()
  const { errors, isBusy, submit } = useForm({
    schema: Wanted.refine(({ email }) => email === account?.email, {
      path: ['email'],
      message: 'This is not the address of your account.',
    }),
    send: (body) => request('/me/delete', z.unknown(), { method: 'POST', body }),
    onDone: () => signOutHere('/sign-in?reason=deleted'),
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const password = given.get('password')
    void submit({ email: String(given.get('email')), ...(password && { password: String(password) }) })
  }
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (!account) return <Loading />
  return (
    <Section title="Delete your account" description="This cannot be undone, and nobody can bring it back.">
      <ul className="flex max-w-[65ch] list-disc flex-col gap-1 pl-5 text-ink-soft">
        <li>Your profile, your conversations, your API keys and where you are signed in go at once.</li>
        <li>A workspace that nobody else is in goes with everything in it: documents, sources, settings.</li>
        <li>What you added to a workspace of others stays there, without your name.</li>
        <li>Are you the only owner of a workspace with others in it? Make somebody else an owner first.</li>
      </ul>
      <form onSubmit={onSubmit} noValidate className="flex max-w-sm flex-col gap-3">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <TextField
          label={`Type ${account.email} to say that you mean it`}
          name="email"
          autoComplete="off"
          spellCheck={false}
          error={errors['email']}
        />
        {account.hasPassword && (
          <TextField
            label="Your password"
            name="password"
            type="password"
            autoComplete="current-password"
            error={errors['password'] && 'Give your password.'}
          />
        )}
        <Button look="danger" type="submit" disabled={isBusy} className="self-start">
          {isBusy ? 'Deleting…' : 'Delete my account'}
        </Button>
      </form>
    </Section>
  )
}
