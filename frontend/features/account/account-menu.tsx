'use client'

import { ChevronsUpDown, KeyRound, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { signOut } from 'next-auth/react'
import { useRouter } from 'next/navigation'
import type { Account } from '@nitroagi/shared/identity'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { useTheme } from './use-theme.ts'

const themes = [
  { value: 'system', label: 'Like the device', icon: <Monitor aria-hidden /> },
  { value: 'light', label: 'Light', icon: <Sun aria-hidden /> },
  { value: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
] as const

export function AccountMenu({ account }: { account: Account }) {
  const [theme, setTheme] = useTheme()
  const router = useRouter()
  const name = account.name || account.email
  return (
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
        <KeyRound aria-hidden />
        API keys
      </MenuItem>
      <MenuSeparator />
      <MenuChoice label="Appearance" value={theme} options={themes} onChange={setTheme} />
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut({ callbackUrl: '/sign-in' })}>
        <LogOut aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  )
}
