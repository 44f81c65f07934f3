'use client'

import { signIn } from 'next-auth/react'
import { useState, type FormEvent } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { OtherServiceButtons, type ServiceChoice } from './other-service-buttons.tsx'
import { signInWords } from './sign-in-words.ts'
import { invitationName, kept } from './use-link-token.ts'

type SignInFormProps = {
  next: string
  services?: readonly ServiceChoice[]
  /** Why the last try, with another service, did not work. */
  failure?: string | undefined
  /** Another service has said who it is; the code of their second factor is all that is still to come. */
  isHalfDone?: boolean
}

/** What has been given already while the code is asked for; of another service that is in a cookie. */
type FirstStep = { email: string; password: string } | 'elsewhere'

export function SignInForm({ next, services = [], failure, isHalfDone = false }: SignInFormProps) {
  const [firstStep, setFirstStep] = useState<FirstStep | undefined>(isHalfDone ? 'elsewhere' : undefined)
  const [error, setError] = useState(failure)
  const [isBusy, setBusy] = useState(false)

  async function attempt(step: FirstStep, code?: string, invitation?: string) {
    setBusy(true)
    setError(undefined)
    const given = step === 'elsewhere' ? {} : step
    const result = await signIn(step === 'elsewhere' ? 'second-factor' : 'credentials', {
      ...given,
      ...(code === undefined ? {} : { code }),
      ...(invitation === undefined ? {} : { invitation }),
      redirect: false,
    }).catch(() => undefined)
    // A full load: everything that was cached for nobody or somebody else is gone.
    if (result?.ok) return location.assign(invitation === undefined ? next : '/chat')
    const problem = result?.error ?? 'unavailable'
    // Who is in no workspace any more gets in by the invitation that brought them here, and is in its workspace then.
    const brought = next === '/invitation' && invitation === undefined ? kept(invitationName) : null
    if (problem === 'forbidden' && brought) return attempt(step, code, brought)
    setBusy(false)
    if (problem === 'second_factor_required' && code === undefined) return setFirstStep(step)
    // The password is right no longer, or what came from elsewhere is too old: the code alone leads nowhere.
    if (problem === 'CredentialsSignin' || problem === 'sign_in_expired') setFirstStep(undefined)
    setError(problem)
  }

  function submitPassword(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    void attempt({ email: String(form.get('email')), password: String(form.get('password')) })
  }

  function submitCode(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget).get('code'))
    if (firstStep) void attempt(firstStep, code)
  }

  const problem = error !== undefined && <Notice level="error">{signInWords(error)}</Notice>
  if (firstStep) {
    return (
      <form key="code" method="post" onSubmit={submitCode} className="flex flex-col gap-4">
        {problem}
        <TextField
          label="Code"
          name="code"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          hint="The six digits that your authenticator app shows, or one of your recovery codes."
          minLength={6}
          maxLength={30}
          required
          autoFocus
        />
        <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
          {isBusy ? 'Signing in…' : 'Go on'}
        </Button>
        <Button
          className="h-10 w-full"
          onClick={() => {
            setFirstStep(undefined)
            setError(undefined)
          }}
        >
          Start again
        </Button>
      </form>
    )
  }
  return (
    <form key="password" method="post" onSubmit={submitPassword} className="flex flex-col gap-4">
      {problem}
      <TextField label="E-mail" name="email" type="email" autoComplete="email" required autoFocus />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      <Button look="primary" type="submit" disabled={isBusy} className="mt-2 h-10 w-full">
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
      {services.length > 0 && (
        <>
          <p className="flex items-center gap-3 text-sm text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or
          </p>
          <OtherServiceButtons services={services} next={next} className="h-10 w-full" />
        </>
      )}
    </form>
  )
}
