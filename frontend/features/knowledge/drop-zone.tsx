'use client'

import { Upload } from 'lucide-react'
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'

const kinds = '.pdf,.docx,.html,.htm,.md,.markdown,.txt,.jsonl'

type DropZoneProps = { onFiles: (files: File[]) => void; children: ReactNode }

/** The whole area takes files; while something is dragged over it, it says so. */
export function DropZone({ onFiles, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false)
  // Entering a child leaves its parent: only the balance of both says whether the pointer is inside.
  const depth = useRef(0)

  // A file dropped beside the area would make the browser leave the page.
  useEffect(() => {
    const stay = (event: Event) => event.preventDefault()
    addEventListener('dragover', stay)
    addEventListener('drop', stay)
    return () => {
      removeEventListener('dragover', stay)
      removeEventListener('drop', stay)
    }
  }, [])

  const move = (change: number) => (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    depth.current += change
    setOver(depth.current > 0)
  }
  return (
    <div
      onDragEnter={move(1)}
      onDragLeave={move(-1)}
      onDrop={(event) => {
        event.preventDefault()
        depth.current = 0
        setOver(false)
        onFiles([...event.dataTransfer.files])
      }}
      className="relative flex min-h-full flex-col"
    >
      {children}
      <div
        aria-hidden
        className={classNames(
          'pointer-events-none absolute inset-2 z-10 flex items-center justify-center rounded-xl border-2 border-dashed border-accent bg-accent-soft/90 text-lg font-semibold text-accent transition-opacity',
          isOver ? 'opacity-100' : 'opacity-0',
        )}
      >
        Drop to add
      </div>
    </div>
  )
}

export function FileButton({
  onFiles,
  label,
  look,
}: {
  onFiles: (files: File[]) => void
  label: string
  look: 'primary' | 'plain'
}) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button look={look} onClick={() => input.current?.click()}>
        <Upload aria-hidden className="size-4" />
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={kinds}
        hidden
        aria-hidden
        tabIndex={-1}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          // The same file can be chosen again after it failed.
          event.target.value = ''
        }}
      />
    </>
  )
}
