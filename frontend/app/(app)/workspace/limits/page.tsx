import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { SpendingLimits } from '../../../../features/workspace/spending-limits.tsx'
import { isManager, readAccount } from '../../read-account.ts'

export const metadata: Metadata = { title: 'Limits' }

export default async function SpendingLimitsPage() {
  const account = await readAccount()
  if (!isManager(account)) redirect('/workspace/members')
  return <SpendingLimits />
}
