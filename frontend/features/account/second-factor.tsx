'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactNode } from 'react'
import {
  BeginSecondFactor,
  BegunSecondFactor,
  ConfirmSecondFactor,
  DisableSecondFactor,
  RecoveryCodes,
  SecondFactor as State,
} from '@nitroagi/shared/second-factor'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { accountKey, useAccount } from '../../backend-client/use-account.ts'
import { useForm, type FormErrors } from '../../backend-client/use-form.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { Notice } from '../../ui/notice.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { RecoveryCodeList } from './recovery-code-list.tsx'

const path = '/me/second-factor'
const factorKey = ['second-factor']

/** A code from an app besides the password: off, being set up, its recovery codes, or on. */
export function SecondFactor() {
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: factorKey,
    queryFn: ({ signal }) => request(path, State, { signal }),
  })
  const [begun, setBegun] = useState<BegunSecondFactor>()
  const [codes, setCodes] = useState<readonly string[]>()
  async function renew() {
    await Promise.all([
      queries.invalidateQueries({ queryKey: factorKey }),
      queries.invalidateQueries({ queryKey: accountKey }),
    ])
  }
  async function turnedOn({ recoveryCodes }: RecoveryCodes) {
    setBegun(undefined)
    setCodes(recoveryCodes)
    await renew()
  }
  return (
    <Section
      title="Second factor"
      description="A code from an app on your phone besides the password. Whoever learns your password still does not get in."
    >
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {!data && !error && <Loading />}
      {codes ? (
        <RecoveryCodeList codes={codes} onKept={() => setCodes(undefined)} />
      ) : data?.isOn ? (
        <TurnOff codesLeft={data.recoveryCodesLeft} onDone={renew} />
      ) : begun ? (
        <Confirm begun={begun} onDone={turnedOn} onCancel={() => setBegun(undefined)} />
      ) : (
        data && <Begin onDone={setBegun} />
      )}
    </Section>
  )
}

function Begin({ onDone }: { onDone: (begun: BegunSecondFactor) => void }) {
  const { data: account } = useAccount()
  const [isAsking, setAsking] = useState(false)
  const { errors, isBusy, submit } = useForm({
    schema: BeginSecondFactor,
    send: (body) => request(path, BegunSecondFactor, { method: 'POST', body }),
    onDone,
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void submit({ password: String(new FormData(event.currentTarget).get('password')) })
  }
  if (!isAsking) {
    return (
      <>
        <p>It is off.</p>
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <Button
          disabled={!account || isBusy}
          onClick={() => (account?.hasPassword ? setAsking(true) : void submit({}))}
          className="self-start"
        >
          Set it up
        </Button>
      </>
    )
  }
  return (
    <form onSubmit={onSubmit} noValidate className="flex max-w-sm flex-col gap-3">
      {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
      <TextField
        label="Your password, to show that it is you"
        name="password"
        type="password"
        autoComplete="current-password"
        autoFocus
        error={errors['password'] && 'Give your password.'}
      />
      <div className="flex gap-2">
        <Button look="primary" type="submit" disabled={isBusy}>
          Go on
        </Button>
        <Button look="quiet" onClick={() => setAsking(false)}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

type ConfirmProps = { begun: BegunSecondFactor; onDone: (codes: RecoveryCodes) => Promise<void>; onCancel: () => void }

function Confirm({ begun, onDone, onCancel }: ConfirmProps) {
  const { errors, isBusy, submit } = useForm({
    schema: ConfirmSecondFactor,
    send: (body) => request(`${path}/confirm`, RecoveryCodes, { method: 'POST', body }),
    onDone,
  })
  return (
    <div className="flex flex-col gap-4">
      <p>Scan this with an authenticator app, such as Aegis, Google Authenticator or your password manager.</p>
      <QrCode label="QR code for an authenticator app" text={begun.uri} />
      <div className="flex max-w-sm flex-col gap-1.5">
        <p className="text-sm text-ink-soft">Or type this into the app:</p>
        <CopyText label="Secret for an authenticator app" text={begun.secret} />
      </div>
      <CodeForm label="The code that the app shows now" errors={errors} onGive={submit} onCancel={onCancel}>
        <Button look="primary" type="submit" disabled={isBusy}>
          Turn it on
        </Button>
      </CodeForm>
    </div>
  )
}

function TurnOff({ codesLeft, onDone }: { codesLeft: number; onDone: () => Promise<void> }) {
  const [isAsking, setAsking] = useState(false)
  const { errors, isBusy, submit } = useForm({
    schema: DisableSecondFactor,
    send: (body) => request(`${path}/disable`, z.unknown(), { method: 'POST', body }),
    onDone,
  })
  return (
    <>
      <p>
        It is on.{' '}
        {codesLeft === 0
          ? 'No recovery codes are left.'
          : `${codesLeft} recovery ${codesLeft === 1 ? 'code is' : 'codes are'} left.`}
      </p>
      {codesLeft < 3 && (
        <Notice level="warning">To get new recovery codes, turn it off and set it up once more.</Notice>
      )}
      {isAsking ? (
        <CodeForm
          label="A code of the app, or a recovery code"
          errors={errors}
          onGive={submit}
          onCancel={() => setAsking(false)}
        >
          <Button look="danger" type="submit" disabled={isBusy}>
            Turn it off
          </Button>
        </CodeForm>
      ) : (
        <Button onClick={() => setAsking(true)} className="self-start">
          Turn it off…
        </Button>
      )}
    </>
  )
}

type CodeFormProps = {
  label: string
  errors: FormErrors
  onGive: (wanted: { code: string }) => Promise<unknown>
  onCancel: () => void
  /** The button that gives it. */
  children: ReactNode
}

function CodeForm({ label, errors, onGive, onCancel, children }: CodeFormProps) {
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void onGive({ code: String(new FormData(event.currentTarget).get('code')) })
  }
  return (
    <form onSubmit={onSubmit} noValidate className="flex max-w-sm flex-col gap-3">
      {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
      <TextField
        label={label}
        name="code"
        autoComplete="one-time-code"
        autoFocus
        spellCheck={false}
        error={errors['code'] && 'Give the six digits that the app shows.'}
      />
      <div className="flex gap-2">
        {children}
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
