'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

type SectionNavProps = { label: string; links: readonly { href: string; label: string }[] }

/** The pages of one area, each with an address of its own. */
export function SectionNav({ label, links }: SectionNavProps) {
  const pathname = usePathname()
  return (
    <nav aria-label={label} className="shrink-0 overflow-x-auto border-b border-line px-4 md:px-6">
      <ul className="flex gap-5">
        {links.map(({ href, label }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={pathname === href ? 'page' : undefined}
              className="-mb-px flex h-10 items-center border-b-2 border-transparent font-medium whitespace-nowrap text-ink-soft hover:text-ink focus-visible:-outline-offset-2 aria-[current=page]:border-accent aria-[current=page]:text-ink"
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** What scrolls below it. */
export const SectionPage = ({ children }: { children: ReactNode }) => (
  <main className="min-h-0 flex-1 overflow-y-auto">
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-10 px-4 py-6 md:px-6">{children}</div>
  </main>
)
