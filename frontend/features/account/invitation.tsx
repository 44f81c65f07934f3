'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { NitroError } from '@nitroagi/shared/errors'
import { AcceptedInvitation, OpenInvitation } from '@nitroagi/shared/workspaces'
import { request } from '../../backend-client/request.ts'
import { roleWords } from '../../backend-client/role-words.ts'
import { signOutHere } from '../../backend-client/sign-out.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { dayWords } from '../../ui/amounts.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { AccountHeading } from './account-heading.tsx'
import { SignUpForm } from './sign-up-form.tsx'
import { invitationName, useLinkToken } from './use-link-token.ts'

export function Invitation({ signedInAs }: { signedInAs: string | undefined }) {
  const token = useLinkToken(invitationName)
  const { data, error, refetch } = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) =>
      request('/invitation', OpenInvitation, { method: 'POST', body: { token }, signal }, '/api/account'),
    enabled: typeof token === 'string',
  })
  if (token === null || isSpent(error)) return <SpentInvitation isSignedIn={signedInAs !== undefined} />
  if (error) {
    return (
      <>
        <AccountHeading title="Invitation" />
        <Notice level="error">{refusalOf(error)}</Notice>
        <Button onClick={() => void refetch()}>Try again</Button>
      </>
    )
  }
  if (token === undefined || !data) return <Loading />
  return (
    <>
      <AccountHeading title={`Join ${data.workspaceName}`}>
        {data.invitedBy} invites you as {roleWords[data.role].label.toLowerCase()}. {roleWords[data.role].may} Good
        until {dayWords(data.expiresAt)}.
      </AccountHeading>
      {signedInAs === undefined ? (
        <NewAccount token={token} invitation={data} />
      ) : (
        <Accept token={token} invitation={data} signedInAs={signedInAs} />
      )}
    </>
  )
}

const isSpent = (error: unknown) =>
  error instanceof NitroError && ['link_expired', 'not_found', 'invalid_input'].includes(error.code)

type Given = { token: string; invitation: OpenInvitation }

const NewAccount = ({ token, invitation }: Given) => (
  <>
    <SignUpForm invitation={token} email={invitation.email} />
    <p className="text-sm text-ink-soft">
      Already have an account? <TextLink href="/sign-in?next=/invitation">Sign in to join</TextLink>
    </p>
  </>
)

function Accept({ token, invitation, signedInAs }: Given & { signedInAs: string }) {
  const accept = useMutation({
    mutationFn: async () => {
      const { workspaceId } = await request('/invitations/accept', AcceptedInvitation, {
        method: 'POST',
        body: { token },
      })
      sessionStorage.removeItem(invitationName)
      await switchWorkspace(workspaceId)
    },
  })
  const signInAsOther = () => void signOutHere('/sign-in?next=/invitation', [invitationName])
  if (invitation.email !== null && invitation.email !== signedInAs) {
    return (
      <>
        <Notice level="warning">
          This invitation is for {invitation.email}, and you are signed in as {signedInAs}.
        </Notice>
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={signInAsOther}>
            Sign out and take it
          </Button>
          <TextLink href="/chat" className="flex h-9 items-center px-2">
            Leave it
          </TextLink>
        </div>
      </>
    )
  }
  return (
    <>
      {accept.error && <Notice level="error">{refusalOf(accept.error)}</Notice>}
      <Button
        look="primary"
        disabled={accept.isPending || accept.isSuccess}
        onClick={() => accept.mutate()}
        className="h-10 w-full"
      >
        {accept.isPending ? 'Joining…' : `Join as ${signedInAs}`}
      </Button>
      <p className="text-sm text-ink-soft">
        Not you?{' '}
        <button type="button" onClick={signInAsOther} className="font-medium text-accent underline underline-offset-4">
          Use another account
        </button>{' '}
        or <TextLink href="/chat">leave it</TextLink>.
      </p>
    </>
  )
}

const SpentInvitation = ({ isSignedIn }: { isSignedIn: boolean }) => (
  <>
    <AccountHeading title="This invitation does not work any more">
      It was taken, called back, or is too old. Ask whoever sent it for a new one.
    </AccountHeading>
    <p className="text-sm text-ink-soft">
      {isSignedIn ? (
        <TextLink href="/chat">Back to your conversations</TextLink>
      ) : (
        <>
          Joined before? <TextLink href="/sign-in">Sign in</TextLink>
        </>
      )}
    </p>
  </>
)
