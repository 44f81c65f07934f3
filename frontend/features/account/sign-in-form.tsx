'use client'

import { signIn } from 'next-auth/react'
import { useState, type FormEvent } from 'react'
import { wordsFor } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

export function SignInForm({ next }: { next: string }) {
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    const result = await signIn('credentials', {
      email: String(form.get('email')),
      password: String(form.get('password')),
      redirect: false,
    }).catch(() => undefined)
    // A full load: everything that was cached for nobody or somebody else is gone.
    if (result?.ok) return location.assign(next)
    setBusy(false)
    setError(
      result?.error === 'CredentialsSignin'
        ? 'This e-mail address and password do not belong together. Check both and try again.'
        : wordsFor(result?.error ?? 'unavailable'),
    )
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {error && <Notice level="error">{error}</Notice>}
      <TextField label="E-mail" name="email" type="email" autoComplete="email" required autoFocus />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}
