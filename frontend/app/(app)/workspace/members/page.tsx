import type { Metadata } from 'next'
import { Members } from '../../../../features/workspace/members.tsx'
import { readAccount } from '../../read-account.ts'

export const metadata: Metadata = { title: 'Members' }

export default async function MembersPage() {
  const { role } = await readAccount()
  return <Members yourRole={role} />
}
