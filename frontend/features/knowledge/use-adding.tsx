'use client'

import { useState, type ReactNode } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import type { AddWay } from './add-menu.tsx'
import { AddSourceDialog } from './add-source-dialog.tsx'
import { CreateCollectionDialog } from './create-collection-dialog.tsx'
import type { NamedFile } from './dropped-files.ts'
import { PasteTextDialog } from './paste-text-dialog.tsx'
import { useCreateCollection } from './use-collections.ts'
import { useFileDialog } from './use-file-dialog.tsx'
import type { useUploads } from './use-uploads.ts'

/** Whoever drops a first file should not have to name a place for it first. */
const firstCollection = 'Documents'

type Adding = {
  /** Undefined where there is none yet: one is made then. */
  collection: Collection | undefined
  uploads: ReturnType<typeof useUploads>
  onShow: (collectionId: string, tab?: 'sources') => void
}

/** All ways to bring something in, and the dialogs that they need, which have to stand somewhere on the page. */
export function useAdding({ collection, uploads, onShow }: Adding) {
  const create = useCreateCollection()
  const [asking, setAsking] = useState<{ way: AddWay | 'collection'; collectionId: string }>()
  const close = () => setAsking(undefined)

  const collectionToFill = async (): Promise<Collection | undefined> =>
    collection ?? (await create.mutateAsync({ name: firstCollection }).catch(() => undefined))

  async function addFiles(files: NamedFile[]) {
    if (files.length === 0 || collection?.role === 'reader') return
    const into = await collectionToFill()
    if (!into) return
    onShow(into.id)
    uploads.add(files, into.id)
  }
  const fileDialog = useFileDialog((files) => void addFiles(files))

  async function add(way: AddWay) {
    if (way === 'files' || way === 'folder') return fileDialog.open(way)
    const into = await collectionToFill()
    if (into) setAsking({ way, collectionId: into.id })
  }

  function dialogOf(): ReactNode {
    if (!asking) return null
    const { way, collectionId } = asking
    switch (way) {
      case 'collection':
        return <CreateCollectionDialog onClose={close} onCreated={(id) => onShow(id)} />
      case 'text':
        return <PasteTextDialog collectionId={collectionId} onClose={close} />
      case 'url':
      case 'site':
      case 'feed':
        return (
          <AddSourceDialog
            collectionId={collectionId}
            kind={way}
            onClose={close}
            onAdded={() => {
              close()
              onShow(collectionId, 'sources')
            }}
          />
        )
      default:
        return null
    }
  }
  return {
    add: (way: AddWay) => void add(way),
    addFiles: (files: NamedFile[]) => void addFiles(files),
    createCollection: () => setAsking({ way: 'collection', collectionId: '' }),
    failure: create.error,
    dialogs: (
      <>
        {fileDialog.inputs}
        {dialogOf()}
      </>
    ),
  }
}
