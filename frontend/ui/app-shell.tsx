'use client'

import { PanelLeft } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { createContext, useContext, useState, type ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { Sheet } from './dialog.tsx'

const OpenNavigation = createContext(() => {})

/** A sidebar beside the page; on a phone the same sidebar in a drawer. */
export function AppShell({ navigation, children }: { navigation: ReactNode; children: ReactNode }) {
  const pathname = usePathname()
  // The drawer belongs to the page it was opened on: going elsewhere closes it.
  const [openedOn, setOpenedOn] = useState<string>()
  return (
    <OpenNavigation value={() => setOpenedOn(pathname)}>
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <div className="flex h-dvh">
        <div className="hidden w-66 shrink-0 flex-col border-r border-line bg-panel md:flex">{navigation}</div>
        <Sheet side="left" title="Navigation" open={openedOn === pathname} onClose={() => setOpenedOn(undefined)}>
          <div className="flex min-h-0 flex-1 flex-col bg-panel">{navigation}</div>
        </Sheet>
        <div id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          {children}
        </div>
      </div>
    </OpenNavigation>
  )
}

export function PageHeader({ title, children }: { title: ReactNode; children?: ReactNode }) {
  const open = useContext(OpenNavigation)
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 md:px-5">
      <IconButton label="Open the navigation" onClick={open} className="md:hidden">
        <PanelLeft aria-hidden />
      </IconButton>
      <h1 className="min-w-0 flex-1 truncate font-semibold">{title}</h1>
      {children}
    </header>
  )
}
