'use client'

import { Building2, ChevronsUpDown, LogOut, Monitor, Moon, Plus, Sun, UserRound } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import type { Account } from '@nitroagi/shared/identity'
import { signOutHere } from '../../backend-client/sign-out.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { forgetWithOtherTabs } from '../../backend-client/typed-text.ts'
import { useAccount } from '../../backend-client/use-account.ts'
import { useWorkspaces } from '../../backend-client/use-workspaces.ts'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { NewWorkspaceDialog } from './new-workspace-dialog.tsx'
import { useTheme } from './use-theme.ts'

const themes = [
  { value: 'system', label: 'Like the device', icon: <Monitor aria-hidden /> },
  { value: 'light', label: 'Light', icon: <Sun aria-hidden /> },
  { value: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
] as const

export function AccountMenu({ account }: { account: Account }) {
  const [theme, setTheme] = useTheme()
  const router = useRouter()
  const [isNaming, setNaming] = useState(false)
  const { data: workspaces } = useWorkspaces()
  const { role, needsSecondFactor } = useAccount().data ?? account
  // What the server has rendered was for the role of then.
  useEffect(() => {
    if (role !== account.role || needsSecondFactor !== account.needsSecondFactor) router.refresh()
  }, [account, needsSecondFactor, role, router])
  useEffect(() => forgetWithOtherTabs(() => location.assign('/sign-in?reason=left')), [])
  const name = account.name || account.email
  const isAmongSeveral = workspaces !== undefined && workspaces.items.length > 1
  return (
    <>
      <Menu
        side="top"
        align="start"
        trigger={
          <button type="button" className="flex w-full items-center gap-2.5 rounded-md p-2 text-left hover:bg-hover">
            <span
              aria-hidden
              className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent uppercase"
            >
              {name.slice(0, 1)}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium">
                <span className="sr-only">Account: </span>
                {name}
              </span>
              <span className="block truncate text-xs text-ink-faint">{account.workspaceName}</span>
            </span>
            <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
          </button>
        }
      >
        <MenuItem onSelect={() => router.push('/settings')}>
          <UserRound aria-hidden />
          Settings
        </MenuItem>
        <MenuItem
          onSelect={() =>
            router.push(account.role === 'owner' || account.role === 'admin' ? '/workspace' : '/workspace/members')
          }
        >
          <Building2 aria-hidden />
          Workspace
        </MenuItem>
        <MenuSeparator />
        {isAmongSeveral && (
          <MenuChoice
            label="Work in"
            value={account.workspaceId}
            options={workspaces.items.map(({ id, name }) => ({
              value: id,
              label: name,
              icon: <Building2 aria-hidden />,
            }))}
            // Where it fails one stays where one is, and the menu says so by not having changed.
            onChange={(id) => void (id === account.workspaceId || switchWorkspace(id).catch(() => router.refresh()))}
          />
        )}
        <MenuItem onSelect={() => setNaming(true)}>
          <Plus aria-hidden />
          New workspace
        </MenuItem>
        <MenuSeparator />
        <MenuChoice label="Appearance" value={theme} options={themes} onChange={setTheme} />
        <MenuSeparator />
        <MenuItem onSelect={() => void signOutHere('/sign-in')}>
          <LogOut aria-hidden />
          Sign out
        </MenuItem>
      </Menu>
      <NewWorkspaceDialog open={isNaming} onClose={() => setNaming(false)} />
    </>
  )
}
