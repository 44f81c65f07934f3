'use client'

import { signOut } from 'next-auth/react'
import { forgetTypedText } from './typed-text.ts'

/** Leaves nothing behind for whoever sits there next; `kept` names what goes along to the next sign-in. */
export async function signOutHere(callbackUrl: string, kept: readonly string[] = []): Promise<void> {
  forgetTypedText(kept)
  await signOut({ callbackUrl })
}
