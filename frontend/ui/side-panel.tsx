'use client'

import { useEffect, useRef, type ReactNode } from 'react'
import { Sheet } from './dialog.tsx'
import { useMedia } from './use-media.ts'

type SidePanelProps = { title: string; open: boolean; onClose: () => void; children: ReactNode }

/** Beside the page where there is room for both, over it where there is not. */
export function SidePanel({ title, open, onClose, children }: SidePanelProps) {
  const isWide = useMedia('(min-width: 1160px)')
  if (!isWide) {
    return (
      <Sheet side="right" title={title} open={open} onClose={onClose}>
        {children}
      </Sheet>
    )
  }
  return open ? (
    <Beside title={title} onClose={onClose}>
      {children}
    </Beside>
  ) : null
}

function Beside({ title, onClose, children }: Omit<SidePanelProps, 'open'>) {
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={title}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      className="flex w-[26.5rem] shrink-0 animate-[slide-in_160ms_ease-out] flex-col border-l border-line bg-canvas outline-none"
    >
      {children}
    </aside>
  )
}
