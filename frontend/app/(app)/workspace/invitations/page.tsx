import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { Invitations } from '../../../../features/workspace/invitations.tsx'
import { isManager, readAccount } from '../../read-account.ts'

export const metadata: Metadata = { title: 'Invitations' }

export default async function InvitationsPage() {
  const account = await readAccount()
  if (!isManager(account)) redirect('/workspace/members')
  return <Invitations />
}
