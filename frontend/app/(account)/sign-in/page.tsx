import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { readSession } from '../../../auth.ts'
import { SignInForm } from '../../../features/account/sign-in-form.tsx'
import { listOtherServices } from '../../../other-services.ts'
import { Notice } from '../../../ui/notice.tsx'
import { readRegistration } from '../registration.ts'
import { safeNext } from '../safe-next.ts'

export const metadata: Metadata = { title: 'Sign in' }

type Search = { reason?: string; next?: string; error?: string }

export default async function SignInPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { reason, next, error } = await searchParams
  // Somebody who was just turned away has a cookie that the backend does not accept: no way around the form.
  if (reason === undefined && (await readSession())) {
    // Whoever is signed in was connecting another service.
    redirect(error === undefined ? safeNext(next) : `/settings/sign-in?error=${encodeURIComponent(error)}`)
  }
  const mode = (await readRegistration())?.mode
  if (mode === 'first-owner' && reason === undefined && error === undefined) redirect('/sign-up')
  return (
    <>
      <div className="flex flex-col gap-1">
        <h1 className="text-xl font-semibold tracking-tight">Sign in</h1>
        <p className="text-ink-soft">Your documents and conversations are waiting.</p>
      </div>
      {reason !== undefined && Object.hasOwn(reasons, reason) && (
        <Notice level="info">{reasons[reason as keyof typeof reasons]}</Notice>
      )}
      {mode === undefined && (
        <Notice level="warning">The server behind this page cannot be reached just now. Try again in a moment.</Notice>
      )}
      <SignInForm next={safeNext(next)} services={listOtherServices()} failure={error} isHalfDone={reason === 'code'} />
      <Link href="/forgot-password" className="self-start text-sm text-accent underline underline-offset-4">
        Forgotten your password?
      </Link>
      {safeNext(next) === '/invitation' ? (
        <p className="text-sm text-ink-soft">
          No account yet?{' '}
          <Link href="/invitation" className="font-medium text-accent underline underline-offset-4">
            Make one with the invitation
          </Link>
        </p>
      ) : mode === 'closed' ? (
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

const reasons = {
  expired: 'Your session has ended. Sign in again to go on.',
  workspace: 'Sign in again to work in that workspace: this session does not lead there.',
  left: 'You have signed out in another tab.',
  deleted: 'Your account and what was yours alone are deleted.',
  reset: 'Your password is changed, and every browser has been signed out. Sign in with the new one.',
}
