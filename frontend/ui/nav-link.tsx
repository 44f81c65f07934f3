'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type NavLinkProps = { href: string; icon: ReactNode; children: string }

export function NavLink({ href, icon, children }: NavLinkProps) {
  const isHere = usePathname() === href
  return (
    <Link
      href={href}
      aria-current={isHere ? 'page' : undefined}
      className={classNames(
        'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium transition-colors [&>svg]:size-4 [&>svg]:shrink-0',
        isHere ? 'bg-hover text-ink' : 'text-ink-soft hover:bg-hover hover:text-ink',
      )}
    >
      {icon}
      {children}
    </Link>
  )
}
