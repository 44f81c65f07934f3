import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { readSession } from '../../../auth.ts'
import { OtherServiceButtons } from '../../../features/account/other-service-buttons.tsx'
import { SignUpForm } from '../../../features/account/sign-up-form.tsx'
import { listOtherServices } from '../../../other-services.ts'
import { Notice } from '../../../ui/notice.tsx'
import { readRegistration } from '../registration.ts'

export const metadata: Metadata = { title: 'Create an account' }

export default async function SignUpPage() {
  const mode = (await readRegistration())?.mode
  if (mode !== 'first-owner' && (await readSession())) redirect('/chat')
  return (
    <>
      <div className="flex flex-col gap-1">
        <h1 className="text-xl font-semibold tracking-tight">
          {mode === 'first-owner' ? 'Create the first account' : 'Create an account'}
        </h1>
        <p className="text-ink-soft">{introductions[mode ?? 'unknown']}</p>
      </div>
      {mode === 'closed' ? null : mode === undefined ? (
        <Notice level="warning">The server behind this page cannot be reached just now. Try again in a moment.</Notice>
      ) : (
        <>
          <SignUpForm />
          <OtherServiceButtons services={listOtherServices()} next="/chat" className="h-10 w-full" />
        </>
      )}
      {mode !== 'first-owner' && (
        <p className="text-sm text-ink-soft">
          Already have an account?{' '}
          <Link href="/sign-in" className="font-medium text-accent underline underline-offset-4">
            Sign in
          </Link>
        </p>
      )}
    </>
  )
}

const introductions = {
  'first-owner': 'Nobody has signed up here yet. This account will own the workspace and everything in it.',
  open: 'You get a workspace of your own for documents and conversations.',
  closed: 'New accounts are by invitation here. Ask the owner of the workspace to invite you.',
  unknown: 'Almost there.',
}
