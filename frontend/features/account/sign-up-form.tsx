'use client'

import { signIn } from 'next-auth/react'
import type { FormEvent } from 'react'
import { Account, SignUp } from '@nitroagi/shared/identity'
import { request } from '../../backend-client/request.ts'
import { useForm } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { NewPasswordField } from './new-password-field.tsx'

type SignUpFormProps = {
  /** What an invitation's link carries. */
  invitation?: string
  /** Whom the invitation is for; null when it is for whoever has it. */
  email?: string | null
}

export function SignUpForm({ invitation, email }: SignUpFormProps) {
  const { errors, isBusy, submit } = useForm({
    schema: SignUp,
    send: async (wanted) => {
      await request('/sign-up', Account, { method: 'POST', body: wanted }, '/api/account')
      const { email, password } = wanted
      const result = await signIn('credentials', { email, password, redirect: false }).catch(() => undefined)
      location.assign(result?.ok ? '/chat' : '/sign-in')
      // The page goes away by itself: until then the button stays as it is.
      await new Promise(() => {})
    },
  })

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name')).trim()
    void submit({
      email: String(form.get('email')),
      password: String(form.get('password')),
      ...(name && { name }),
      ...(invitation && { invitation }),
    })
  }

  return (
    <form method="post" onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
      <TextField label="Name" name="name" autoComplete="name" hint="What others in the workspace see. Optional." />
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        required
        error={errors['email']}
        {...(email ? { defaultValue: email, readOnly: true, hint: 'The address that the invitation is for.' } : {})}
      />
      <NewPasswordField label="Password" name="password" error={errors['password']} />
      <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
        {isBusy ? 'Creating the account…' : 'Create account'}
      </Button>
    </form>
  )
}
