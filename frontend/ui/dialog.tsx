'use client'

import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { classNames } from './class-names.ts'

type DialogProps = {
  open: boolean
  onClose: () => void
  title: string
  description?: string
  /** For a picture: as large as the screen lets it be. */
  isLarge?: boolean
  children: ReactNode
}

/** A question in the middle of the screen. */
export function Dialog({ open, onClose, title, description, isLarge = false, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-[fade-in_120ms] bg-veil" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={classNames(
            'fixed top-1/2 left-1/2 z-50 flex -translate-x-1/2 -translate-y-1/2 animate-[fade-in_120ms] max-h-[calc(100dvh-2rem)] flex-col gap-4 rounded-xl border border-line bg-raised p-5 shadow-float',
            isLarge ? 'w-max max-w-[calc(100vw-2rem)]' : 'w-[min(26rem,calc(100vw-2rem))] overflow-y-auto',
          )}
        >
          <div className="flex flex-col gap-1">
            <Radix.Title className="text-lg font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</Radix.Title>
            {description && <Radix.Description className="text-ink-soft">{description}</Radix.Description>}
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

type SheetProps = { open: boolean; onClose: () => void; title: string; side: 'left' | 'right'; children: ReactNode }

/** A panel that comes in from the side and covers a phone. */
export function Sheet({ open, onClose, title, side, children }: SheetProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-[fade-in_120ms] bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          className={classNames(
            'fixed inset-y-0 z-50 flex flex-col bg-canvas shadow-float',
            side === 'left'
              ? 'left-0 w-[min(18rem,85vw)]'
              : 'right-0 w-full animate-[slide-in_160ms_ease-out] sm:w-[28rem]',
          )}
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function PanelHeader({
  title,
  onClose,
  children,
}: {
  title: ReactNode
  onClose: () => void
  children?: ReactNode
}) {
  return (
    <div className="flex h-14 shrink-0 items-center gap-2 border-b border-line pr-3 pl-4">
      <h2 className="min-w-0 flex-1 truncate font-semibold">{title}</h2>
      {children}
      <IconButton label="Close" onClick={onClose}>
        <X aria-hidden />
      </IconButton>
    </div>
  )
}
