'use client'

import { useCallback, useRef, type ChangeEvent, type ReactNode } from 'react'
import { chosenFiles, type NamedFile } from './dropped-files.ts'

/** A file dialog to open, and its inputs, which have to stand somewhere on the page. */
export function useFileDialog(onFiles: (files: NamedFile[]) => void): {
  open: (what: 'files' | 'folder') => void
  inputs: ReactNode
} {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const open = useCallback((what: 'files' | 'folder') => (what === 'files' ? files : folder).current?.click(), [])
  const common = {
    type: 'file',
    multiple: true,
    hidden: true,
    'aria-hidden': true,
    tabIndex: -1,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      onFiles(chosenFiles(event.target.files ?? []))
      // The same file can be chosen again after it failed.
      event.target.value = ''
    },
  } as const
  return {
    open,
    inputs: (
      <>
        <input ref={files} {...common} />
        <input
          ref={(input) => {
            // As a property, because React's types do not know the attribute.
            if (input) input.webkitdirectory = true
            folder.current = input
          }}
          {...common}
        />
      </>
    ),
  }
}
