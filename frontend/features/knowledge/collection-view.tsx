'use client'

import { Gauge, Lock } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import type { Document } from '@nitroagi/shared/knowledge'
import { Tab, Tabs } from '../../ui/tabs.tsx'
import type { AddWay } from './add-menu.tsx'
import { CollectionSettings } from './collection-settings.tsx'
import { DocumentsTab } from './documents-tab.tsx'
import { Reindexing } from './reindexing.tsx'
import { SourcesTab } from './sources-tab.tsx'
import { Tags } from './tags.tsx'
import { UploadList } from './upload-list.tsx'
import { useFileDialog } from './use-file-dialog.tsx'
import type { useUploads } from './use-uploads.ts'

export type CollectionTab = 'documents' | 'sources' | 'settings'

type CollectionViewProps = {
  collection: Collection
  tab: CollectionTab
  onTab: (tab: CollectionTab) => void
  uploads: ReturnType<typeof useUploads>
  onAdd: (way: AddWay) => void
  onGone: () => void
}

/** A collection: what it is, and its documents, sources and settings. */
export function CollectionView({ collection, tab, onTab, uploads, onAdd, onGone }: CollectionViewProps) {
  const here = uploads.uploads.filter(({ collectionId }) => collectionId === collection.id)
  const [replaced, setReplaced] = useState<Document>()
  const dialog = useFileDialog(([file]) => {
    // It keeps the name that it is known by: the file is a newer state of the same thing.
    if (file && replaced) uploads.add([{ file: file.file, name: replaced.name }], collection.id, replaced.id)
  })
  const isOwner = collection.role === 'owner'
  const tabs = [
    { value: 'documents', label: 'Documents' },
    { value: 'sources', label: 'Sources' },
    ...(isOwner ? [{ value: 'settings', label: 'Settings' } as const] : []),
  ] as const
  return (
    <>
      <Header collection={collection} />
      {tab !== 'settings' && <Reindexing collection={collection} />}
      <UploadList uploads={here} onRetry={uploads.retry} onDecide={uploads.decide} onDismiss={uploads.dismiss} />
      {dialog.inputs}
      <Tabs
        label={collection.name}
        value={isOwner || tab !== 'settings' ? tab : 'documents'}
        onChange={onTab}
        tabs={tabs}
      >
        <Tab value="documents">
          <DocumentsTab
            collection={collection}
            isUploading={here.length > 0}
            onChooseFiles={() => onAdd('files')}
            onReplace={(document) => {
              setReplaced(document)
              dialog.open('files')
            }}
          />
        </Tab>
        <Tab value="sources">
          <SourcesTab collection={collection} onAdd={onAdd} />
        </Tab>
        {isOwner && (
          <Tab value="settings">
            <CollectionSettings collection={collection} onGone={onGone} />
          </Tab>
        )}
      </Tabs>
    </>
  )
}

const roleWords = { reader: 'You can read this collection', editor: 'You can edit its documents' } as const

function Header({ collection: { id, name, description, tags, access, role } }: { collection: Collection }) {
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 text-lg font-semibold tracking-tight [overflow-wrap:anywhere]">{name}</h2>
        {access === 'members' && (
          <span className="flex h-6 items-center gap-1.5 rounded-sm bg-hover px-2 text-xs text-ink-soft">
            <Lock aria-hidden className="size-3" />
            Only members
          </span>
        )}
        {role !== 'reader' && (
          <Link
            href={`/knowledge/evaluation?collection=${id}`}
            className="order-last ml-auto flex items-center gap-1.5 text-sm text-ink-soft hover:text-ink hover:underline"
          >
            <Gauge aria-hidden className="size-4" />
            How well it is searched
          </Link>
        )}
        {role !== 'owner' && <span className="text-sm text-ink-faint">{roleWords[role]}</span>}
      </div>
      {description && <p className="max-w-[70ch] text-ink-soft [overflow-wrap:anywhere]">{description}</p>}
      <Tags tags={tags} />
    </div>
  )
}
