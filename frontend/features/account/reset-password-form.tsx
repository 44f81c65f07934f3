'use client'

import { useState, type FormEvent } from 'react'
import { ResetPassword } from '@nitroagi/shared/account-care'
import { NitroError } from '@nitroagi/shared/errors'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { useForm } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { AccountHeading } from './account-heading.tsx'
import { NewPasswordField } from './new-password-field.tsx'
import { useLinkToken } from './use-link-token.ts'

export function ResetPasswordForm() {
  const token = useLinkToken()
  // Of this token: another link is tried anew.
  const [expired, setExpired] = useState<string>()
  const { errors, isBusy, submit } = useForm({
    schema: ResetPassword,
    send: (body) =>
      request('/reset-password', z.unknown(), { method: 'POST', body }, '/api/account').catch((error: unknown) => {
        if (error instanceof NitroError && error.code === 'link_expired') setExpired(body.token)
        throw error
      }),
    // A full load: everything that was cached for whoever was signed in is gone.
    onDone: () => location.assign('/sign-in?reason=reset'),
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void submit({ token, password: String(new FormData(event.currentTarget).get('password')) })
  }
  if (token === undefined) return <Loading />
  if (token === null || expired === token || errors['token']) return <SpentLink />
  return (
    <>
      <AccountHeading title="Choose a new password">
        Every browser that is signed in to this account will be signed out.
      </AccountHeading>
      <form method="post" onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <NewPasswordField label="New password" name="password" error={errors['password']} />
        <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
          {isBusy ? 'Changing it…' : 'Change the password'}
        </Button>
      </form>
    </>
  )
}

const SpentLink = () => (
  <>
    <AccountHeading title="This link does not work any more">
      A link to choose a new password is good once, for an hour. Your password is as it was.
    </AccountHeading>
    <p className="text-sm text-ink-soft">
      <TextLink href="/forgot-password">Ask for a new link</TextLink> or <TextLink href="/sign-in">sign in</TextLink>.
    </p>
  </>
)
