import type { ReactNode } from 'react'
import { PageHeader } from '../../../ui/app-shell.tsx'
import { SectionNav, SectionPage } from '../../../ui/section-nav.tsx'
import { isManager, readAccount } from '../read-account.ts'

const members = { href: '/workspace/members', label: 'Members' }
const links = [
  { href: '/workspace', label: 'General' },
  members,
  { href: '/workspace/invitations', label: 'Invitations' },
  { href: '/workspace/limits', label: 'Limits' },
  { href: '/workspace/audit', label: 'Audit log' },
]

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const account = await readAccount()
  return (
    <>
      <PageHeader title={account.workspaceName} />
      <SectionNav label="Workspace" links={isManager(account) ? links : [members]} />
      <SectionPage>{children}</SectionPage>
    </>
  )
}
