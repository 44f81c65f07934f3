'use client'

import { Upload } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../../ui/button.tsx'

const kinds = '.pdf,.docx,.xlsx,.csv,.tsv,.html,.htm,.md,.markdown,.txt,.jsonl'

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
