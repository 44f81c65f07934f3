import { Activity, BookOpen, SquarePen } from 'lucide-react'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import { Account } from '@nitroagi/shared/identity'
import { readSession } from '../../auth.ts'
import { readForPerson } from '../../backend-client/service.ts'
import { AccountMenu } from '../../features/account/account-menu.tsx'
import { ConversationList } from '../../features/chat/conversation-list.tsx'
import { AppShell } from '../../ui/app-shell.tsx'
import { Logo } from '../../ui/logo.tsx'
import { NavLink } from '../../ui/nav-link.tsx'

export default async function AppLayout({ children }: { children: ReactNode }) {
  const account = await readAccount()
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
            <NavLink href="/chat" icon={<SquarePen aria-hidden />}>
              New conversation
            </NavLink>
            <NavLink href="/knowledge" isSection icon={<BookOpen aria-hidden />}>
              Knowledge
            </NavLink>
            {(account.role === 'owner' || account.role === 'admin') && (
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

async function readAccount(): Promise<Account> {
  const identity = await readSession()
  if (!identity) redirect('/sign-in')
  try {
    return await readForPerson(identity, '/api/v1/me', Account)
  } catch (error) {
    if (error instanceof NitroError && error.code === 'unauthenticated') redirect('/sign-in?reason=expired')
    throw error
  }
}
