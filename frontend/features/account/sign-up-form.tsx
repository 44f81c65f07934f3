'use client'

import { signIn } from 'next-auth/react'
import { useState, type FormEvent } from 'react'
import { Account, SignUp } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

type Errors = { form?: string; email?: string; password?: string }

export function SignUpForm() {
  const [errors, setErrors] = useState<Errors>({})
  const [isBusy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name')).trim()
    const wanted = { email: String(form.get('email')), password: String(form.get('password')), ...(name && { name }) }
    const parsed = SignUp.safeParse(wanted)
    if (!parsed.success) return setErrors(errorsOf(parsed.error.issues))
    setBusy(true)
    setErrors({})
    try {
      await request('/sign-up', Account, { method: 'POST', body: parsed.data }, '/api/account')
      const result = await signIn('credentials', { email: wanted.email, password: wanted.password, redirect: false })
      location.assign(result?.ok ? '/chat' : '/sign-in')
    } catch (error) {
      setBusy(false)
      setErrors({ form: wordsOf(error) })
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-4">
      {errors.form && <Notice level="error">{errors.form}</Notice>}
      <TextField label="Name" name="name" autoComplete="name" hint="What others in the workspace see. Optional." />
      <TextField label="E-mail" name="email" type="email" autoComplete="email" required error={errors.email} />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        hint={`At least ${limits.passwordMinCharacters} characters. A few unrelated words work well.`}
        error={errors.password}
      />
      <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
        {isBusy ? 'Creating the account…' : 'Create account'}
      </Button>
    </form>
  )
}

function errorsOf(issues: readonly { path: PropertyKey[]; message: string }[]): Errors {
  const errors: Errors = {}
  for (const issue of issues) {
    const field = issue.path[0] === 'email' || issue.path[0] === 'password' ? issue.path[0] : 'form'
    errors[field] ??= issue.message
  }
  return errors
}
