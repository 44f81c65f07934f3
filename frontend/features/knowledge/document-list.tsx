'use client'

import { Ellipsis, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import type { Document } from '@nitroagi/shared/knowledge'
import { wordsFor, wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { sizeWords } from '../../ui/size-words.ts'
import { kindOf, progressOf, mayWorkAgain } from './document-words.ts'
import { useDocumentActions } from './use-documents.ts'
import type { Upload } from './use-uploads.ts'

const row = 'flex items-start gap-3 border-b border-line py-3'

export function DocumentRow({ document }: { document: Document }) {
  const { retry, remove } = useDocumentActions(document)
  const [isAsking, setAsking] = useState(false)
  const progress = progressOf(document)
  const failure = retry.error ?? remove.error
  return (
    <li className={row} data-status={document.status}>
      <Tile text={kindOf(document)} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p className="truncate font-medium" title={document.name}>
          {document.name}
        </p>
        {progress ? (
          <>
            <p className="text-sm text-ink-soft tabular-nums">{progress.words}</p>
            <ProgressBar label={`${document.name}: ${progress.words}`} fraction={progress.fraction} />
          </>
        ) : (
          <p className="text-sm text-ink-faint tabular-nums">
            {[
              sizeWords(document.sizeBytes),
              document.status === 'ready' && document.pagesTotal !== null && plural(document.pagesTotal, 'page'),
              document.status === 'ready' && document.chunksTotal !== null && plural(document.chunksTotal, 'passage'),
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        )}
        {document.status === 'ready' && document.notice && <p className="text-sm text-warning">{document.notice}</p>}
        {document.error && (
          <p className="text-sm text-danger">{wordsFor(document.error.code, document.error.message)}</p>
        )}
        {failure && (
          <p role="alert" className="text-sm text-danger">
            {wordsOf(failure)}
          </p>
        )}
      </div>
      {mayWorkAgain(document) && (
        <Button className="h-8 text-sm" disabled={retry.isPending} onClick={() => retry.mutate()}>
          Try again
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={`More about ${document.name}`} disabled={document.status === 'deleting'}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        <MenuItem danger onSelect={() => setAsking(true)}>
          <Trash2 aria-hidden />
          Delete
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title="Delete this document?"
        description={`“${document.name}” and everything indexed from it will be gone for good. Answers that quoted it keep their words.`}
        confirm="Delete"
        onConfirm={() => remove.mutate()}
      />
    </li>
  )
}

type UploadRowProps = { upload: Upload; onRetry: () => void; onDismiss: () => void }

export function UploadRow({ upload, onRetry, onDismiss }: UploadRowProps) {
  const { file, fraction, error, note } = upload
  const words = fraction === null ? 'Waiting' : fraction < 1 ? `Uploading, ${Math.round(fraction * 100)} %` : 'Storing'
  return (
    <li className={row}>
      <Tile text={kindOf({ name: file.name, mediaType: file.type || 'file' })} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p className="truncate font-medium">{file.name}</p>
        {error ? (
          <p role="alert" className="text-sm text-danger">
            {error}
          </p>
        ) : note ? (
          <p role="status" className="text-sm text-ink-soft">
            {note}
          </p>
        ) : (
          <>
            <p className="text-sm text-ink-soft tabular-nums">{words}</p>
            {fraction !== null && <ProgressBar label={`${file.name}: ${words}`} fraction={fraction} />}
          </>
        )}
      </div>
      {error && (
        <Button className="h-8 text-sm" onClick={onRetry}>
          Try again
        </Button>
      )}
      <IconButton
        label={error || note ? `Dismiss ${file.name}` : `Cancel the upload of ${file.name}`}
        onClick={onDismiss}
      >
        <X aria-hidden />
      </IconButton>
    </li>
  )
}

const Tile = ({ text }: { text: string }) => (
  <span
    aria-hidden
    className="flex h-9 w-11 shrink-0 items-center justify-center rounded-md border border-line bg-panel text-[11px] font-semibold text-ink-soft"
  >
    {text}
  </span>
)

const plural = (count: number, noun: string) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
