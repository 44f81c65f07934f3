'use client'

import { X } from 'lucide-react'
import { Button, IconButton } from '../../ui/button.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { kindOf, plural } from './document-words.ts'
import { KindTile } from './kind-tile.tsx'
import type { Decision, Upload } from './use-uploads.ts'

type UploadListProps = {
  uploads: Upload[]
  onRetry: (upload: Upload) => void
  onDecide: (upload: Upload, decision: Decision) => void
  onDismiss: (id: string) => void
}

/** As many as one can look at; a folder may hold thousands. */
const shown = 30

export function UploadList({ uploads, onRetry, onDecide, onDismiss }: UploadListProps) {
  if (uploads.length === 0) return null
  const open = uploads.filter(({ conflict }) => conflict)
  // What asks for somebody comes first.
  const sorted = [...uploads].sort((one, other) => rank(one) - rank(other))
  return (
    <section aria-label="Uploads" className="flex flex-col">
      {open.length > 1 && (
        <div className="flex flex-wrap items-center gap-2 py-2">
          <p className="flex-1 text-sm text-ink-soft">
            {plural(open.length, 'file')} have the name of a document here.
          </p>
          <Button className="h-8 text-sm" onClick={() => open.forEach((upload) => onDecide(upload, 'replace'))}>
            Replace all
          </Button>
          <Button className="h-8 text-sm" onClick={() => open.forEach((upload) => onDecide(upload, 'keep-both'))}>
            Keep all
          </Button>
        </div>
      )}
      <ul>
        {sorted.slice(0, shown).map((upload) => (
          <UploadRow
            key={upload.id}
            upload={upload}
            onRetry={() => onRetry(upload)}
            onDecide={(decision) => onDecide(upload, decision)}
            onDismiss={() => onDismiss(upload.id)}
          />
        ))}
      </ul>
      {uploads.length > shown && (
        <p className="py-2 text-sm text-ink-faint">and {plural(uploads.length - shown, 'more file')} to upload</p>
      )}
    </section>
  )
}

const rank = ({ conflict, error, fraction }: Upload) => (conflict ? 0 : error ? 1 : fraction !== null ? 2 : 3)

type UploadRowProps = {
  upload: Upload
  onRetry: () => void
  onDecide: (decision: Decision) => void
  onDismiss: () => void
}

function UploadRow({ upload, onRetry, onDecide, onDismiss }: UploadRowProps) {
  const { file, name, error, note, conflict } = upload
  const isOver = error !== undefined || note !== undefined
  return (
    <li className="flex items-start gap-3 border-b border-line py-3">
      <KindTile text={kindOf({ name, mediaType: file.type || 'file' })} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p className="truncate font-medium" title={name}>
          {name}
        </p>
        <UploadState upload={upload} />
        {error && (
          <Button className="h-8 self-start text-sm" onClick={onRetry}>
            Try again
          </Button>
        )}
        {conflict && (
          <div className="flex gap-2">
            <Button className="h-8 text-sm" onClick={() => onDecide('replace')}>
              Replace
            </Button>
            <Button className="h-8 text-sm" onClick={() => onDecide('keep-both')}>
              Keep both
            </Button>
          </div>
        )}
      </div>
      <IconButton label={isOver || conflict ? `Dismiss ${name}` : `Cancel the upload of ${name}`} onClick={onDismiss}>
        <X aria-hidden />
      </IconButton>
    </li>
  )
}

function UploadState({ upload: { name, fraction, error, note, conflict } }: { upload: Upload }) {
  if (error) {
    return (
      <p role="alert" className="text-sm text-danger">
        {error}
      </p>
    )
  }
  if (conflict) {
    return (
      <p role="status" className="text-sm text-ink-soft">
        A document of this name is here already. Is this a new version of it, or another one?
      </p>
    )
  }
  if (note) {
    return (
      <p role="status" className="text-sm text-ink-soft">
        {note}
      </p>
    )
  }
  const words = fraction === null ? 'Waiting' : fraction < 1 ? `Uploading, ${Math.round(fraction * 100)} %` : 'Storing'
  return (
    <>
      <p className="text-sm text-ink-soft tabular-nums">{words}</p>
      {fraction !== null && <ProgressBar label={`${name}: ${words}`} fraction={fraction} />}
    </>
  )
}
