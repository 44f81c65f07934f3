import { Activity, BookOpen, SquarePen } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { AccountMenu } from '../../features/account/account-menu.tsx'
import { SecondFactorDemand } from '../../features/account/second-factor-demand.tsx'
import { ConversationList } from '../../features/chat/conversation-list.tsx'
import { AppShell } from '../../ui/app-shell.tsx'
import { Logo } from '../../ui/logo.tsx'
import { NavLink } from '../../ui/nav-link.tsx'
import { isManager, readAccount } from './read-account.ts'

export default async function AppLayout({ children }: { children: ReactNode }) {
  const account = await readAccount()
  if (account.needsSecondFactor) {
    return (
      <main className="mx-auto flex w-full max-w-2xl flex-col gap-8 px-4 py-12">
        <Logo className="text-lg" />
        <SecondFactorDemand account={account} />
      </main>
    )
  }
  return (
    <AppShell
      navigation={
        <>
          <div className="flex h-14 shrink-0 items-center px-4">
            <Link href="/chat" className="rounded-md">
              <Logo />
            </Link>
          </div>
          <nav aria-label="Main" className="flex flex-col gap-0.5 px-2 pb-3">
            {account.role !== 'viewer' && (
              <NavLink href="/chat" icon={<SquarePen aria-hidden />}>
                New conversation
              </NavLink>
            )}
            <NavLink href="/knowledge" isSection icon={<BookOpen aria-hidden />}>
              Knowledge
            </NavLink>
            {isManager(account) && (
              <NavLink href="/modules" icon={<Activity aria-hidden />}>
                Modules
              </NavLink>
            )}
          </nav>
          <ConversationList />
          <div className="border-t border-line p-2">
            <AccountMenu account={account} />
          </div>
        </>
      }
    >
      {children}
    </AppShell>
  )
}
