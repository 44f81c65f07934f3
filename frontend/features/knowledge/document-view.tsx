'use client'

import { ArrowLeft, Download, Pause, Pencil, Play, RotateCcw, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { Document } from '@nitroagi/shared/knowledge'
import { proxyBase } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Tab, Tabs } from '../../ui/tabs.tsx'
import { ChangeDocumentDialog } from './change-document-dialog.tsx'
import { DeleteDocumentDialog } from './delete-document-dialog.tsx'
import { useDocumentEvents } from './document-events.ts'
import { DocumentFacts } from './document-facts.tsx'
import { DocumentPages } from './document-pages.tsx'
import { DocumentPassages } from './document-passages.tsx'
import { State } from './document-row.tsx'
import { DocumentText } from './document-text.tsx'
import { mayPause, mayResume, mayWorkAgain } from './document-words.ts'
import { Tags } from './tags.tsx'
import { useCollections } from './use-collections.ts'
import { useDocument } from './use-document.ts'
import { useDocumentActions } from './use-documents.ts'
import { usePlace } from './use-place.ts'

const tabs = [
  { value: 'text', label: 'Text' },
  { value: 'passages', label: 'Passages' },
  { value: 'pages', label: 'Pages' },
] as const
type DocumentTab = (typeof tabs)[number]['value']

/** One document: what is known of it, what was read from it, and how it was cut. */
export function DocumentView({ initial }: { initial: Document }) {
  useDocumentEvents()
  const { data: document, error } = useDocument(initial)
  const collection = useCollections().data?.items.find(({ id }) => id === document.collectionId)
  const mayEdit = collection !== undefined && collection.role !== 'reader'
  const { place, go } = usePlace()
  const tab = tabs.find(({ value }) => value === place.get('tab'))?.value ?? 'text'
  const wanted = Math.max(1, Number.parseInt(place.get('page') ?? '1', 10) || 1)
  // A new version may have fewer.
  const page = Math.min(wanted, Math.max(1, document.pagesTotal ?? wanted))
  const turnTo = (next: number) => go({ page: next === 1 ? undefined : String(next) }, 'replace')
  const common = { document, page, onPage: turnTo }
  return (
    <>
      <PageHeader title={document.name}>
        <Actions document={document} mayEdit={mayEdit} />
      </PageHeader>
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 px-4 py-6 md:px-6">
          <Link
            href={`/knowledge?collection=${document.collectionId}`}
            className="flex w-fit items-center gap-1.5 text-sm text-ink-soft hover:text-ink"
          >
            <ArrowLeft aria-hidden className="size-4" />
            {collection?.name ?? 'Knowledge'}
          </Link>
          {error && <Notice level="error">{wordsOf(error)}</Notice>}
          <div className="flex max-w-2xl flex-col gap-1.5 empty:hidden" data-status={document.status}>
            <State document={document} isBrief />
            <Tags tags={document.tags} />
          </div>
          <div className="flex flex-col gap-6 lg:flex-row lg:items-start">
            <div className="shrink-0 border-t border-line pt-4 order-2 lg:w-72 lg:border-0 lg:pt-0">
              <DocumentFacts document={document} />
            </div>
            <div className="min-w-0 flex-1">
              <Tabs<DocumentTab>
                label={document.name}
                value={tab}
                onChange={(next) => go({ tab: next === 'text' ? undefined : next })}
                tabs={tabs}
              >
                <Tab value="text">
                  <DocumentText {...common} mayEdit={mayEdit} />
                </Tab>
                <Tab value="passages">
                  <DocumentPassages {...common} />
                </Tab>
                <Tab value="pages">
                  <DocumentPages document={document} onPage={(next) => go({ tab: undefined, page: String(next) })} />
                </Tab>
              </Tabs>
            </div>
          </div>
        </div>
      </main>
    </>
  )
}

function Actions({ document, mayEdit }: { document: Document; mayEdit: boolean }) {
  const router = useRouter()
  const { act, remove, failure } = useDocumentActions(document)
  const [asking, setAsking] = useState<'delete' | 'change' | 'reread'>()
  const close = () => setAsking(undefined)
  const isOver = document.status === 'ready' || document.status === 'failed'
  return (
    <>
      {failure && (
        <p role="alert" className="truncate text-sm text-danger" title={wordsOf(failure)}>
          {wordsOf(failure)}
        </p>
      )}
      {mayEdit && mayPause(document) && (
        <IconButton label="Pause" disabled={act.isPending} onClick={() => act.mutate('pause')}>
          <Pause aria-hidden />
        </IconButton>
      )}
      {mayEdit && mayResume(document) && (
        <IconButton label="Resume" disabled={act.isPending} onClick={() => act.mutate('resume')}>
          <Play aria-hidden />
        </IconButton>
      )}
      {mayEdit && mayWorkAgain(document) && (
        <Button className="h-8 text-sm" disabled={act.isPending} onClick={() => act.mutate('retry')}>
          Try again
        </Button>
      )}
      {document.hasOriginal && (
        <a
          href={`${proxyBase}/documents/${document.id}/content`}
          download
          aria-label="Download the original"
          title="Download the original"
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
        >
          <Download aria-hidden className="size-4" />
        </a>
      )}
      {mayEdit && (
        <>
          {document.hasOriginal && isOver && (
            <IconButton label="Read the file again" onClick={() => setAsking('reread')}>
              <RotateCcw aria-hidden />
            </IconButton>
          )}
          <IconButton label="Name and tags" onClick={() => setAsking('change')}>
            <Pencil aria-hidden />
          </IconButton>
          <IconButton label="Delete this document" onClick={() => setAsking('delete')}>
            <Trash2 aria-hidden />
          </IconButton>
        </>
      )}
      {asking === 'change' && <ChangeDocumentDialog document={document} onClose={close} />}
      <ConfirmDialog
        open={asking === 'reread'}
        onClose={close}
        title="Read the file again?"
        description="Every page is read from the original anew. What was changed by hand is lost; search goes on with what there is meanwhile."
        confirm="Read again"
        onConfirm={() => act.mutate('reread')}
      />
      <DeleteDocumentDialog
        document={document}
        open={asking === 'delete'}
        onClose={close}
        onConfirm={() =>
          remove.mutate(undefined, { onSuccess: () => router.push(`/knowledge?collection=${document.collectionId}`) })
        }
      />
    </>
  )
}
