'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'

type PageTurnerProps = { page: number; pagesTotal: number; label: string | null; onPage: (page: number) => void }

/** One page on, one back, or a number. */
export function PageTurner({ page, pagesTotal, label, onPage }: PageTurnerProps) {
  return (
    <div className="flex items-center gap-1 text-sm text-ink-soft">
      <IconButton label="Previous page" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <ChevronLeft aria-hidden />
      </IconButton>
      <label className="flex items-center gap-1.5 tabular-nums">
        Page
        <input
          type="number"
          key={page}
          min={1}
          max={pagesTotal}
          defaultValue={page}
          onBlur={(event) => turn(event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => event.key === 'Enter' && turn(event.currentTarget.valueAsNumber)}
          className="h-8 w-16 rounded-md border border-field-line bg-raised px-2 text-ink"
        />
        of {pagesTotal.toLocaleString('en')}
      </label>
      <IconButton label="Next page" disabled={page >= pagesTotal} onClick={() => onPage(page + 1)}>
        <ChevronRight aria-hidden />
      </IconButton>
      {label && <span className="min-w-0 truncate pl-1 font-medium text-ink">{label}</span>}
    </div>
  )

  function turn(wanted: number) {
    if (Number.isInteger(wanted) && wanted !== page) onPage(Math.min(pagesTotal, Math.max(1, wanted)))
  }
}
