'use client'

import type { FormEvent } from 'react'
import { Cap } from '@nitroagi/shared/spending'
import { useForm } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

type CapDialogProps = {
  title: string
  cap: Cap | null
  /** What holds without a cap of its own; undefined where there is nothing else to fall back to. */
  common?: string | undefined
  onClose: () => void
  send: (cap: Cap | null) => Promise<unknown>
}

export function CapDialog({ title, cap, common, onClose, send }: CapDialogProps) {
  const { errors, isBusy, submit } = useForm({ schema: Cap.nullable(), send, onDone: onClose })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    void submit({ usd: amountOf(given.get('usd')), tokens: amountOf(given.get('tokens')) })
  }
  return (
    <Dialog open onClose={onClose} title={title} description="For a calendar month. An empty field is no cap.">
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <TextField
          label="Money, in US dollars"
          name="usd"
          inputMode="decimal"
          autoComplete="off"
          defaultValue={cap?.usd ?? ''}
          error={errors['usd'] && 'Give an amount such as 25 or 0.50, at most 1,000,000.'}
        />
        <TextField
          label="Tokens"
          name="tokens"
          inputMode="numeric"
          autoComplete="off"
          defaultValue={cap?.tokens ?? ''}
          error={errors['tokens'] && 'Give a whole number such as 500000.'}
        />
        <div className="flex flex-wrap justify-end gap-2">
          {common && cap !== null && (
            <Button look="quiet" disabled={isBusy} onClick={() => void submit(null)} className="mr-auto">
              Back to {common}
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isBusy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Nothing typed is no cap; what is no number stays one that the schema refuses. */
function amountOf(typed: FormDataEntryValue | null): number | null {
  const text = String(typed ?? '').replaceAll(/[\s,_]/g, '')
  return text === '' ? null : Number(text)
}
