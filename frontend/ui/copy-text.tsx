'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'

/** Something to take along, such as a key: to be read, selected as a whole, or copied. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  async function copy() {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    setState(isCopied ? 'copied' : 'refused')
  }
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-start gap-2">
        <div role="group" aria-label={label} className="min-w-0 flex-1">
          <code className="block rounded-md border border-line bg-canvas px-2.5 py-2 font-mono text-sm break-all whitespace-pre-wrap text-ink select-all">
            {text}
          </code>
        </div>
        <Button onClick={() => void copy()}>
          {state === 'copied' ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
          {state === 'copied' ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p role="status" className="sr-only">
        {state === 'copied' && 'Copied'}
      </p>
      {state === 'refused' && (
        <p className="text-sm text-ink-soft">The browser does not let us copy. Select the text and copy it yourself.</p>
      )}
    </div>
  )
}
