'use client'

import { useState } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import type { z } from 'zod'
import { wordsOf } from './words.ts'

/** By field; what concerns none of them stands under `form`. */
export type FormErrors = Readonly<Record<string, string | undefined>>

type FormOptions<Wanted, Answer> = {
  schema: z.ZodType<Wanted>
  send: (wanted: Wanted) => Promise<Answer>
  onDone?: (answer: Answer, wanted: Wanted) => void | Promise<unknown>
}

/** Checks by the schema that the server uses too, sends, and keeps what was refused as sentences. */
export function useForm<Wanted, Answer>({ schema, send, onDone }: FormOptions<Wanted, Answer>) {
  const [errors, setErrors] = useState<FormErrors>({})
  const [isBusy, setBusy] = useState(false)

  /** True when it was done. */
  async function submit(wanted: unknown): Promise<boolean> {
    const parsed = schema.safeParse(wanted)
    if (!parsed.success) {
      setErrors(errorsOf(parsed.error.issues))
      return false
    }
    setBusy(true)
    setErrors({})
    try {
      const answer = await send(parsed.data)
      await onDone?.(answer, parsed.data)
      return true
    } catch (error) {
      setErrors(refusedBy(error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { errors, isBusy, submit }
}

function errorsOf(issues: readonly { path: PropertyKey[]; message: string }[]): FormErrors {
  const errors: Record<string, string> = {}
  for (const { path, message } of issues) errors[String(path[0] ?? 'form')] ??= message
  return errors
}

/** The server names the field before the colon, where one is to blame. */
function refusedBy(error: unknown): FormErrors {
  const sentence = refusalOf(error)
  const [, field, said] = /^([a-z][A-Za-z]*): (.+)$/s.exec(sentence) ?? []
  return field && said && error instanceof NitroError && error.code === 'invalid_input'
    ? { [field]: said, form: said }
    : { form: sentence }
}

const unspecific = ['internal', 'unavailable', 'rate_limited']

/** In a form the server's own sentence says more than the words for its code. */
export const refusalOf = (error: unknown): string =>
  error instanceof NitroError && !unspecific.includes(error.code) ? error.message : wordsOf(error)
