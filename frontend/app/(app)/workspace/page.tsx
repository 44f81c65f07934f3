import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { General } from '../../../features/workspace/general.tsx'
import { isManager, readAccount } from '../read-account.ts'

export const metadata: Metadata = { title: 'Workspace' }

export default async function GeneralPage() {
  const account = await readAccount()
  if (!isManager(account)) redirect('/workspace/members')
  return <General account={account} />
}
