'use client'

import { Ellipsis, FileUp, Pause, Pencil, Play, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import type { Document } from '@nitroagi/shared/knowledge'
import { wordsFor, wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CheckBox } from '../../ui/check-box.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { sizeWords } from '../../ui/size-words.ts'
import { ChangeDocumentDialog } from './change-document-dialog.tsx'
import { DeleteDocumentDialog } from './delete-document-dialog.tsx'
import { kindOf, mayPause, mayResume, mayWorkAgain, plural, progressOf } from './document-words.ts'
import { KindTile } from './kind-tile.tsx'
import { Tags } from './tags.tsx'
import { useDocumentActions } from './use-documents.ts'

type DocumentRowProps = {
  document: Document
  mayEdit: boolean
  isSelected: boolean
  onSelect: (isSelected: boolean) => void
  /** Another file is to take its place. */
  onReplace: () => void
}

export function DocumentRow({ document, mayEdit, isSelected, onSelect, onReplace }: DocumentRowProps) {
  const { act, remove, failure } = useDocumentActions(document)
  const [asking, setAsking] = useState<'delete' | 'change'>()
  const close = () => setAsking(undefined)
  const isGoing = document.status === 'deleting'
  return (
    <li className="flex items-start gap-3 border-b border-line py-3" data-status={document.status}>
      {mayEdit && (
        <span className="flex h-9 items-center">
          <CheckBox label={`Select ${document.name}`} checked={isSelected} disabled={isGoing} onChange={onSelect} />
        </span>
      )}
      <KindTile text={kindOf(document)} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <Link
          href={`/knowledge/documents/${document.id}`}
          title={document.name}
          className="w-fit max-w-full truncate font-medium hover:underline"
        >
          {document.name}
        </Link>
        <State document={document} />
        <Tags tags={document.tags} />
        {failure && (
          <p role="alert" className="text-sm text-danger">
            {wordsOf(failure)}
          </p>
        )}
      </div>
      {mayEdit && (
        <>
          {mayWorkAgain(document) && (
            <Button className="h-8 text-sm" disabled={act.isPending} onClick={() => act.mutate('retry')}>
              Try again
            </Button>
          )}
          {mayPause(document) && (
            <IconButton label={`Pause ${document.name}`} disabled={act.isPending} onClick={() => act.mutate('pause')}>
              <Pause aria-hidden />
            </IconButton>
          )}
          {mayResume(document) && (
            <Button className="h-8 text-sm" disabled={act.isPending} onClick={() => act.mutate('resume')}>
              <Play aria-hidden className="size-3.5" />
              Resume
            </Button>
          )}
          <Menu
            trigger={
              <IconButton label={`More about ${document.name}`} disabled={isGoing}>
                <Ellipsis aria-hidden />
              </IconButton>
            }
          >
            <MenuItem onSelect={() => setAsking('change')}>
              <Pencil aria-hidden />
              Name and tags
            </MenuItem>
            <MenuItem onSelect={onReplace}>
              <FileUp aria-hidden />
              Replace by another file
            </MenuItem>
            <MenuSeparator />
            <MenuItem danger onSelect={() => setAsking('delete')}>
              <Trash2 aria-hidden />
              Delete
            </MenuItem>
          </Menu>
        </>
      )}
      {asking === 'change' && <ChangeDocumentDialog document={document} onClose={close} />}
      <DeleteDocumentDialog
        document={document}
        open={asking === 'delete'}
        onClose={close}
        onConfirm={() => remove.mutate()}
      />
    </li>
  )
}

/** How far it has come, what went wrong with it, or how large it is where that does not stand beside it. */
export function State({ document, isBrief = false }: { document: Document; isBrief?: boolean }) {
  const progress = progressOf(document)
  const facts = [
    sizeWords(document.sizeBytes),
    document.status === 'ready' && document.pagesTotal !== null && plural(document.pagesTotal, 'page'),
    document.status === 'ready' && document.chunksTotal !== null && plural(document.chunksTotal, 'passage'),
  ]
  return (
    <>
      {progress ? (
        <>
          <p className="text-sm text-ink-soft tabular-nums">{progress.words}</p>
          <ProgressBar label={`${document.name}: ${progress.words}`} fraction={progress.fraction} />
          {document.version > 0 && document.status !== 'deleting' && (
            <p className="text-sm text-ink-faint">What it was before is searched until then.</p>
          )}
        </>
      ) : (
        !isBrief && <p className="text-sm text-ink-faint tabular-nums">{facts.filter(Boolean).join(' · ')}</p>
      )}
      {document.status === 'ready' && document.notice && <p className="text-sm text-warning">{document.notice}</p>}
      {document.error && <p className="text-sm text-danger">{wordsFor(document.error.code, document.error.message)}</p>}
    </>
  )
}
