import type { ReactNode } from 'react'
import { PageHeader } from '../../../ui/app-shell.tsx'
import { SectionNav, SectionPage } from '../../../ui/section-nav.tsx'

const links = [
  { href: '/settings', label: 'Profile' },
  { href: '/settings/sign-in', label: 'Signing in' },
  { href: '/settings/keys', label: 'API keys' },
  { href: '/settings/spending', label: 'Spending' },
  { href: '/settings/delete', label: 'Delete account' },
]

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <PageHeader title="Settings" />
      <SectionNav label="Settings" links={links} />
      <SectionPage>{children}</SectionPage>
    </>
  )
}
