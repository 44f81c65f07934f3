'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { ChangedEmail, ChangeEmail, ChangePassword, ChangeProfile } from '@nitroagi/shared/account-care'
import type { Account } from '@nitroagi/shared/identity'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { accountKey, useAccount } from '../../backend-client/use-account.ts'
import { refusalOf, useForm } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { NameForm } from '../../ui/name-form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { NewPasswordField } from './new-password-field.tsx'

/** Who one is here, and how that is changed. */
export function Profile({ hasMail }: { hasMail: boolean }) {
  const { data: account, error } = useAccount()
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (!account) return <Loading />
  return (
    <>
      <Name account={account} />
      <EmailAddress account={account} hasMail={hasMail} />
      <Password account={account} />
    </>
  )
}

/** Also what the server has rendered shows the name. */
function useRenewed() {
  const queries = useQueryClient()
  const router = useRouter()
  return async () => {
    router.refresh()
    await queries.invalidateQueries({ queryKey: accountKey })
  }
}

function Name({ account }: { account: Account }) {
  const renew = useRenewed()
  const { errors, isBusy, submit } = useForm({
    schema: ChangeProfile,
    send: (body) => request('/me', z.unknown(), { method: 'PATCH', body }),
    onDone: renew,
  })
  return (
    <Section title="Name" description="What others in the workspace see.">
      <NameForm
        label="Your name"
        autoComplete="name"
        name={account.name ?? ''}
        errors={errors}
        isBusy={isBusy}
        onSave={submit}
      />
    </Section>
  )
}

function EmailAddress({ account, hasMail }: { account: Account; hasMail: boolean }) {
  const renew = useRenewed()
  const [sent, setSent] = useState<{ state: 'confirm' | 'changed'; email: string }>()
  const { errors, isBusy, submit } = useForm({
    schema: ChangeEmail,
    send: (body) => request('/me/email', ChangedEmail, { method: 'PUT', body }),
    onDone: async ({ state }, { email }) => {
      setSent({ state, email })
      await renew()
    },
  })
  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const password = given.get('password')
    setSent(undefined)
    if (await submit({ email: String(given.get('email')), ...(password && { password: String(password) }) })) {
      form.reset()
    }
  }
  return (
    <Section title="E-mail" description="With it you sign in, and letters about your account go there.">
      <p>
        <strong className="font-medium">{account.email}</strong>
        <span className={account.isEmailVerified ? 'text-ink-faint' : 'text-warning'}>
          {account.isEmailVerified ? ' · confirmed' : ' · not confirmed'}
        </span>
      </p>
      {!account.isEmailVerified && <Unconfirmed hasMail={hasMail} />}
      <form onSubmit={(event) => void onSubmit(event)} noValidate className="flex max-w-sm flex-col gap-3">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        {sent && (
          <Notice level="info">
            {sent.state === 'confirm'
              ? `A letter is on its way to ${sent.email}. The address counts once you have opened the link in it.`
              : `Your address is ${sent.email} now.`}
          </Notice>
        )}
        <TextField label="New e-mail address" name="email" type="email" autoComplete="off" error={errors['email']} />
        {account.hasPassword && (
          <TextField
            label="Your password, to show that it is you"
            name="password"
            type="password"
            autoComplete="current-password"
            error={errors['password'] && 'Give your password.'}
          />
        )}
        <Button type="submit" disabled={isBusy} className="self-start">
          Change the address
        </Button>
      </form>
    </Section>
  )
}

function Unconfirmed({ hasMail }: { hasMail: boolean }) {
  const send = useMutation({ mutationFn: () => request('/me/verification', z.unknown(), { method: 'POST' }) })
  if (!hasMail) {
    return (
      <p className="text-sm text-ink-soft">
        No letters are sent from here, so nobody can confirm it. Nothing depends on that.
      </p>
    )
  }
  return (
    <>
      {send.error && <Notice level="error">{refusalOf(send.error)}</Notice>}
      {send.isSuccess ? (
        <p role="status" className="text-sm text-ink-soft">
          A letter is on its way. The link in it confirms your address.
        </p>
      ) : (
        <Button disabled={send.isPending} onClick={() => send.mutate()} className="self-start">
          Send the letter again
        </Button>
      )}
    </>
  )
}

function Password({ account: { hasPassword, email } }: { account: Account }) {
  const renew = useRenewed()
  const [isChanged, setChanged] = useState(false)
  const { errors, isBusy, submit } = useForm({
    schema: ChangePassword,
    send: (body) => request('/me/password', z.unknown(), { method: 'PUT', body }),
    onDone: async () => {
      setChanged(true)
      await renew()
    },
  })
  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    setChanged(false)
    const current = given.get('current')
    if (await submit({ next: String(given.get('next')), ...(hasPassword && { current: String(current) }) }))
      form.reset()
  }
  return (
    <Section
      title="Password"
      description={
        hasPassword
          ? 'Changing it signs out every other browser.'
          : 'You sign in with another service. With a password you can also sign in without it.'
      }
    >
      <form onSubmit={(event) => void onSubmit(event)} noValidate className="flex max-w-sm flex-col gap-3">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        {isChanged && !isBusy && (
          <Notice level="info">Your password is changed. Every other browser has been signed out.</Notice>
        )}
        {/* For programs that keep passwords: whose it is. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        {hasPassword && (
          <TextField
            label="Present password"
            name="current"
            type="password"
            autoComplete="current-password"
            error={errors['current'] && 'Give your present password.'}
          />
        )}
        <NewPasswordField label="New password" name="next" error={errors['next']} />
        <Button type="submit" disabled={isBusy} className="self-start">
          {hasPassword ? 'Change the password' : 'Set a password'}
        </Button>
      </form>
    </Section>
  )
}
