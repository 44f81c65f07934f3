'use client'

import { useMutation } from '@tanstack/react-query'
import { VerifiedEmail } from '@nitroagi/shared/account-care'
import { NitroError } from '@nitroagi/shared/errors'
import { request } from '../../backend-client/request.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { AccountHeading } from './account-heading.tsx'
import { useLinkToken } from './use-link-token.ts'

/** Asks before it confirms: programs that look into letters open every link, and the link is good once. */
export function VerifyEmail() {
  const token = useLinkToken()
  const verify = useMutation({
    mutationFn: (token: string) =>
      request('/verify-email', VerifiedEmail, { method: 'POST', body: { token } }, '/api/account'),
  })
  if (token === undefined) return <Loading />
  if (verify.data && verify.variables === token) {
    return (
      <>
        <AccountHeading title="Your address is confirmed">
          <strong className="font-medium text-ink">{verify.data.email}</strong> belongs to your account.
        </AccountHeading>
        <p>
          <TextLink href="/chat">Go on to NitroAGI</TextLink>
        </p>
      </>
    )
  }
  const isSpent = verify.error instanceof NitroError && ['link_expired', 'invalid_input'].includes(verify.error.code)
  if (token === null || (isSpent && verify.variables === token)) {
    return (
      <>
        <AccountHeading title="This link does not work any more">
          A link to confirm an address is good once. If you have opened it before, your address may be confirmed
          already.
        </AccountHeading>
        <p className="text-sm text-ink-soft">
          <TextLink href="/settings">Look at your profile</TextLink>: it says so there, and sends a new letter if not.
        </p>
      </>
    )
  }
  return (
    <>
      <AccountHeading title="Confirm your e-mail address">
        Then letters about your account, such as a forgotten password, reach you.
      </AccountHeading>
      {verify.error && <Notice level="error">{refusalOf(verify.error)}</Notice>}
      <Button look="primary" disabled={verify.isPending} onClick={() => verify.mutate(token)} className="h-10 w-full">
        {verify.isPending ? 'Confirming…' : 'Confirm this address'}
      </Button>
    </>
  )
}
