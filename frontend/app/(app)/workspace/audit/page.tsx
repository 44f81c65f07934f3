import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { AuditLog } from '../../../../features/workspace/audit-log.tsx'
import { isManager, readAccount } from '../../read-account.ts'

export const metadata: Metadata = { title: 'Audit log' }

export default async function AuditLogPage() {
  const account = await readAccount()
  if (!isManager(account)) redirect('/workspace/members')
  return <AuditLog />
}
