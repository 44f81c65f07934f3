import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { readSession } from '../../../auth.ts'
import { SignInForm } from '../../../features/account/sign-in-form.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { readRegistration } from '../registration.ts'

export const metadata: Metadata = { title: 'Sign in' }

type Search = { reason?: string; next?: string }

export default async function SignInPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { reason, next } = await searchParams
  // Somebody who was just turned away has a cookie that the backend does not accept: no way around the form.
  if (reason === undefined && (await readSession())) redirect('/chat')
  const mode = await readRegistration()
  if (mode === 'first-owner' && reason === undefined) redirect('/sign-up')
  return (
    <>
      <div className="flex flex-col gap-1">
        <h1 className="text-xl font-semibold tracking-tight">Sign in</h1>
        <p className="text-ink-soft">Your documents and conversations are waiting.</p>
      </div>
      {reason === 'expired' && <Notice level="info">Your session has ended. Sign in again to go on.</Notice>}
      {mode === undefined && (
        <Notice level="warning">The server behind this page cannot be reached just now. Try again in a moment.</Notice>
      )}
      <SignInForm next={safeNext(next)} />
      {mode === 'closed' ? (
        <p className="text-sm text-ink-faint">New accounts are by invitation. Ask the owner of this workspace.</p>
      ) : (
        <p className="text-sm text-ink-soft">
          No account yet?{' '}
          <Link href="/sign-up" className="font-medium text-accent underline underline-offset-4">
            Create one
          </Link>
        </p>
      )}
    </>
  )
}

/** Only our own pages: a link to sign in must not lead elsewhere afterwards. */
const safeNext = (next: string | undefined) =>
  next && /^\/(chat|knowledge|settings)[\w/-]*$/.test(next) ? next : '/chat'
