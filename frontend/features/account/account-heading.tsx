import type { ReactNode } from 'react'

/** What a page is about that nobody has to be signed in for. */
export const AccountHeading = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="flex flex-col gap-1">
    <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
    {children && <p className="text-ink-soft">{children}</p>}
  </div>
)
