'use client'

import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { Notice } from '../../ui/notice.tsx'

/** Shown once: nobody leaves before they have said that they kept them. */
export function RecoveryCodeList({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const [isKept, setKept] = useState(false)
  const text = codes.join('\n')
  return (
    <div className="flex max-w-md flex-col gap-4">
      <Notice level="warning">
        These recovery codes are not shown again. Each lets you in once, should your phone be lost. Keep them where your
        password is not.
      </Notice>
      <CopyText label="Recovery codes" text={text} />
      <Button onClick={() => download(text)} className="self-start">
        <Download aria-hidden className="size-4" />
        Download as a file
      </Button>
      <label className="flex cursor-pointer items-center gap-2.5">
        <input
          type="checkbox"
          checked={isKept}
          onChange={(event) => setKept(event.target.checked)}
          className="size-4 accent-(--accent)"
        />
        I have kept them
      </label>
      <Button look="primary" disabled={!isKept} onClick={onKept} className="self-start">
        Done
      </Button>
    </div>
  )
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([`Recovery codes of NitroAGI, each good once\n\n${text}\n`]))
  const link = Object.assign(document.createElement('a'), { href: url, download: 'nitroagi-recovery-codes.txt' })
  link.click()
  // Some browsers begin to read it only after the click has ended.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
