'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type NavLinkProps = {
  href: string
  icon: ReactNode
  /** Also where one is deeper inside. */
  isSection?: boolean
  children: string
}

export function NavLink({ href, icon, isSection = false, children }: NavLinkProps) {
  const pathname = usePathname()
  const isHere = pathname === href || (isSection && pathname.startsWith(`${href}/`))
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
