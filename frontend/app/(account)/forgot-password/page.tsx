import type { Metadata } from 'next'
import { AccountHeading } from '../../../features/account/account-heading.tsx'
import { ForgotPasswordForm } from '../../../features/account/forgot-password-form.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { TextLink } from '../../../ui/text-link.tsx'
import { readRegistration } from '../registration.ts'

export const metadata: Metadata = { title: 'Forgotten password' }

export default async function ForgotPasswordPage() {
  const registration = await readRegistration()
  return (
    <>
      {registration === undefined && (
        <>
          <AccountHeading title="Forgotten your password?" />
          <Notice level="warning">
            The server behind this page cannot be reached just now. Try again in a moment.
          </Notice>
        </>
      )}
      {registration?.hasMail === true && <ForgotPasswordForm />}
      {registration?.hasMail === false && (
        <>
          <AccountHeading title="Forgotten your password?">
            No letters can be sent from here. Whoever operates this server can make a link for you, which lets you
            choose a new password.
          </AccountHeading>
          <p className="text-sm text-ink-soft">
            Ask them to run this with your e-mail address, and to give you the link that it prints:
          </p>
          <code className="rounded-md border border-line bg-panel p-2.5 font-mono text-sm break-words">
            npm run nitro -- user reset-link --email you@example.com
          </code>
        </>
      )}
      <p className="text-sm text-ink-soft">
        Remembered it? <TextLink href="/sign-in">Sign in</TextLink>
      </p>
    </>
  )
}
