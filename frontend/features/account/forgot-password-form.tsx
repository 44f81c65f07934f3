'use client'

import { useState, type FormEvent } from 'react'
import { ForgotPassword } from '@nitroagi/shared/account-care'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { useForm } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { AccountHeading } from './account-heading.tsx'

export function ForgotPasswordForm() {
  const [sentTo, setSentTo] = useState<string>()
  const { errors, isBusy, submit } = useForm({
    schema: ForgotPassword,
    send: (body) => request('/forgot-password', z.unknown(), { method: 'POST', body }, '/api/account'),
    onDone: (_answer, { email }) => setSentTo(email),
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void submit({ email: String(new FormData(event.currentTarget).get('email')) })
  }
  if (sentTo) {
    return (
      <>
        <AccountHeading title="Look into your mailbox">
          If there is an account for <strong className="font-medium text-ink">{sentTo}</strong>, a letter with a link is
          on its way. The link is good for an hour, and once.
        </AccountHeading>
        <p className="text-sm text-ink-soft">
          Nothing after a few minutes? Look into the folder for unwanted mail, or{' '}
          <button
            type="button"
            onClick={() => setSentTo(undefined)}
            className="font-medium text-accent underline underline-offset-4"
          >
            ask for another letter
          </button>
          .
        </p>
      </>
    )
  }
  return (
    <>
      <AccountHeading title="Forgotten your password?">
        Say which account it is, and we send a link that lets you choose a new one.
      </AccountHeading>
      <form method="post" onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <TextField label="E-mail" name="email" type="email" autoComplete="email" required error={errors['email']} />
        <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
          {isBusy ? 'Sending…' : 'Send the link'}
        </Button>
      </form>
    </>
  )
}
