'use client'

import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { classNames } from './class-names.ts'

type DropZoneProps = {
  onFiles?: (files: File[]) => void
  /** Takes the whole drop instead of its files; for whoever takes folders too. Must read it before it returns. */
  onCarried?: (carried: DataTransfer) => void
  label?: string
  className?: string
  children: ReactNode
}

const hasFiles = (carried: DataTransfer | null) => carried?.types.includes('Files') ?? false

/** The whole area takes files; while something is dragged over it, it says so. */
export function DropZone({
  onFiles,
  onCarried,
  label = 'Drop to add',
  className = 'min-h-full',
  children,
}: DropZoneProps) {
  const [isOver, setOver] = useState(false)
  // Entering a child leaves its parent: only the balance of both says whether the pointer is inside.
  const depth = useRef(0)

  // A file dropped beside the area would make the browser leave the page.
  useEffect(() => {
    const stay = (event: globalThis.DragEvent) => hasFiles(event.dataTransfer) && event.preventDefault()
    addEventListener('dragover', stay)
    addEventListener('drop', stay)
    return () => {
      removeEventListener('dragover', stay)
      removeEventListener('drop', stay)
    }
  }, [])

  const move = (change: number) => (event: DragEvent) => {
    if (!hasFiles(event.dataTransfer)) return
    depth.current += change
    setOver(depth.current > 0)
  }
  return (
    <div
      onDragEnter={move(1)}
      onDragLeave={move(-1)}
      onDrop={(event) => {
        // Dragged words go where they are dropped.
        if (!hasFiles(event.dataTransfer)) return
        event.preventDefault()
        depth.current = 0
        setOver(false)
        if (onCarried) onCarried(event.dataTransfer)
        else onFiles?.([...event.dataTransfer.files])
      }}
      className={classNames('relative flex flex-col', className)}
    >
      {children}
      <div
        aria-hidden
        className={classNames(
          'pointer-events-none absolute inset-2 z-10 flex items-center justify-center rounded-xl border-2 border-dashed border-accent bg-accent-soft/90 text-lg font-semibold text-accent transition-opacity',
          isOver ? 'opacity-100' : 'opacity-0',
        )}
      >
        {label}
      </div>
    </div>
  )
}
