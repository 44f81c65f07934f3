'use client'

import { AudioLines, ImageOff, Play } from 'lucide-react'
import { memo, useEffect, useState } from 'react'
import { textOf } from '@nitroagi/shared/message-parts'
import type { NitroMessage, NitroPart } from '@nitroagi/shared/runs'
import { sourceOfFile } from '../../backend-client/attachments.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'

type FilePart = Extract<NitroPart, { type: 'file' }>

/** What somebody asked, with what they showed. */
export const Question = memo(function Question({ message }: { message: NitroMessage }) {
  const files = message.parts.filter((part): part is FilePart => part.type === 'file')
  const text = textOf(message.parts)
  return (
    <article aria-label="Your message" className="flex flex-col items-end gap-2">
      {files.length > 0 && (
        <ul aria-label="Attachments" className="flex max-w-[85%] flex-wrap justify-end gap-2">
          {files.map((file) => (
            <li key={file.url} className="min-w-0">
              {file.mediaType.startsWith('image/') ? <Picture file={file} /> : <Recording file={file} />}
            </li>
          ))}
        </ul>
      )}
      {text && (
        <p className="max-w-[85%] rounded-xl bg-panel px-4 py-2.5 text-read leading-6 [overflow-wrap:anywhere] whitespace-pre-wrap">
          {text}
        </p>
      )}
    </article>
  )
})

function Picture({ file }: { file: FilePart }) {
  const [isOpen, setOpen] = useState(false)
  const [isGone, setGone] = useState(false)
  const name = file.filename ?? 'Picture'
  const source = sourceOfFile(file.url)
  if (!source || isGone) {
    return (
      <p className="flex items-center gap-2 rounded-lg border border-line bg-panel px-3 py-2 text-sm text-ink-soft">
        <ImageOff aria-hidden className="size-4 shrink-0" />
        <span className="min-w-0 truncate">{name} cannot be shown</span>
      </p>
    )
  }
  return (
    <>
      <button
        type="button"
        title={`Open ${name}`}
        onClick={() => setOpen(true)}
        className="block overflow-hidden rounded-xl border border-line bg-panel"
      >
        <img src={source} alt={name} onError={() => setGone(true)} className="h-40 max-w-full min-w-20 object-cover" />
      </button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={name} isLarge>
        <img src={source} alt={name} className="min-h-0 max-w-full object-contain" />
        <div className="flex justify-end">
          <Button onClick={() => setOpen(false)}>Close</Button>
        </div>
      </Dialog>
    </>
  )
}

/** Loaded when it is to be heard: the player of some browsers cannot begin with less than the whole recording. */
function Recording({ file }: { file: FilePart }) {
  const [address, setAddress] = useState<string>()
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle')
  const name = file.filename ?? 'Recording'
  const source = sourceOfFile(file.url)

  useEffect(() => () => (address ? URL.revokeObjectURL(address) : undefined), [address])

  async function load() {
    setState('loading')
    const response = source ? await fetch(source).catch(() => undefined) : undefined
    const bytes = response?.ok ? await response.blob().catch(() => undefined) : undefined
    setState(bytes ? 'idle' : 'failed')
    if (bytes) setAddress(URL.createObjectURL(bytes))
  }
  return (
    <div className="flex max-w-full flex-col gap-1 rounded-xl border border-line bg-panel p-2">
      {address ? (
        <audio controls autoPlay src={address} aria-label={name} className="h-10 max-w-full" />
      ) : (
        <button
          type="button"
          aria-label={`Play ${name}`}
          disabled={state === 'loading'}
          onClick={() => void load()}
          className="flex h-10 items-center gap-2 rounded-lg px-2 text-left hover:bg-hover disabled:opacity-55"
        >
          {state === 'failed' ? <AudioLines aria-hidden className="size-4" /> : <Play aria-hidden className="size-4" />}
          <span className="min-w-0 truncate text-sm">{name}</span>
        </button>
      )}
      {state === 'failed' && (
        <p role="alert" className="px-2 text-sm text-danger">
          This recording cannot be loaded. Try again in a moment.
        </p>
      )}
    </div>
  )
}
