'use client'

import type { FormEvent } from 'react'
import type { Account } from '@nitroagi/shared/identity'
import { GiveProof } from '@nitroagi/shared/proof'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { useForm } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

export const giveProof = (body: GiveProof) => request('/me/proof', z.unknown(), { method: 'POST', body })

/** Whether somebody has something that can be asked for here; others sign in again. */
export const canProve = ({ hasPassword, hasSecondFactor }: Account): boolean => hasPassword || hasSecondFactor

type ProofDialogProps = { open: boolean; account: Account; onClose: () => void; onProven: () => void }

/** Asks once more who sits there, before what changes how they sign in. */
export function ProofDialog({ open, account, onClose, onProven }: ProofDialogProps) {
  const { errors, isBusy, submit } = useForm({ schema: GiveProof, send: giveProof, onDone: onProven })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    void submit(Object.fromEntries([...given].filter(([, value]) => value !== '')))
  }
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Is it you?"
      description="This changes how you sign in, and it is a while since you did."
    >
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-3">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        {account.hasPassword && (
          <TextField label="Your password" name="password" type="password" autoComplete="current-password" autoFocus />
        )}
        {account.hasSecondFactor && (
          <TextField
            label="A code of your app, or a recovery code"
            name="code"
            autoComplete="one-time-code"
            spellCheck={false}
            autoFocus={!account.hasPassword}
            error={errors['code'] && 'Give the six digits that the app shows.'}
          />
        )}
        <div className="flex gap-2">
          <Button look="primary" type="submit" disabled={isBusy}>
            Go on
          </Button>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
