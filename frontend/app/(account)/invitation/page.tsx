import type { Metadata } from 'next'
import { Account } from '@nitroagi/shared/identity'
import { readSession } from '../../../auth.ts'
import { readForPerson } from '../../../backend-client/service.ts'
import { Invitation } from '../../../features/account/invitation.tsx'

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' }

export default async function InvitationPage() {
  const identity = await readSession()
  // Who cannot be looked up is as good as signed out here: the page then offers to sign in.
  const account = identity && (await readForPerson(identity, '/api/v1/me', Account).catch(() => undefined))
  return <Invitation signedInAs={account?.email} />
}
