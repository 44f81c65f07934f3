'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'

export type PageLook = 'picture' | 'text'

type PageViewerProps = {
  page: number
  /** Undefined until it is known. */
  pagesTotal: number | undefined
  /** What the page is called where it is no page of paper. */
  label: string | null | undefined
  onTurn: (page: number) => void
  /** Undefined where there is the text alone. */
  look: PageLook | undefined
  onLook: (look: PageLook) => void
  children: ReactNode
}

const looks = [
  { value: 'picture', name: 'Page' },
  { value: 'text', name: 'Text' },
] as const

/** Turns pages, and between how a page looks and what it says. */
export function PageViewer({ page, pagesTotal, label, onTurn, look, onLook, children }: PageViewerProps) {
  return (
    <>
      <div className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-2 text-sm text-ink-soft">
        <IconButton label="Previous page" disabled={page <= 1} onClick={() => onTurn(page - 1)}>
          <ChevronLeft aria-hidden />
        </IconButton>
        <p aria-live="polite" className="min-w-0 flex-1 truncate text-center tabular-nums">
          {label && <span className="font-medium text-ink">{label} · </span>}
          Page {page}
          {pagesTotal !== undefined && ` of ${pagesTotal.toLocaleString('en')}`}
        </p>
        <IconButton
          label="Next page"
          disabled={pagesTotal === undefined || page >= pagesTotal}
          onClick={() => onTurn(page + 1)}
        >
          <ChevronRight aria-hidden />
        </IconButton>
        {look && (
          <div role="group" aria-label="Show" className="ml-1 flex rounded-md border border-line-strong p-0.5">
            {looks.map(({ value, name }) => (
              <button
                key={value}
                type="button"
                aria-pressed={look === value}
                onClick={() => onLook(value)}
                className="h-6 rounded-sm px-2 text-xs font-medium text-ink-soft hover:text-ink aria-pressed:bg-accent-soft aria-pressed:text-accent"
              >
                {name}
              </button>
            ))}
          </div>
        )}
      </div>
      {children}
    </>
  )
}
