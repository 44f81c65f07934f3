'use client'

import { ChevronDown, Lock, Plus } from 'lucide-react'
import type { Collection } from '@nitroagi/shared/collections'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'

type CollectionListProps = {
  collections: Collection[]
  chosen: Collection | undefined
  onChoose: (id: string) => void
  /** Undefined for who may only read. */
  onCreate: (() => void) | undefined
}

/** Beside the documents where there is room. */
export function CollectionList({ collections, chosen, onChoose, onCreate }: CollectionListProps) {
  return (
    <nav aria-label="Collections" className="flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto p-2">
      {collections.map((collection) => {
        const isChosen = collection.id === chosen?.id
        return (
          <button
            key={collection.id}
            type="button"
            aria-current={isChosen || undefined}
            onClick={() => onChoose(collection.id)}
            className={classNames(
              'flex h-8 w-full shrink-0 items-center gap-2 rounded-md px-2 text-left text-sm font-medium focus-visible:-outline-offset-2',
              isChosen ? 'bg-hover text-ink' : 'text-ink-soft hover:bg-hover hover:text-ink',
            )}
          >
            <Named collection={collection} />
          </button>
        )
      })}
      {onCreate && (
        <button
          type="button"
          onClick={onCreate}
          className="flex h-8 w-full shrink-0 items-center gap-2 rounded-md px-2 text-left text-sm text-ink-soft hover:bg-hover hover:text-ink focus-visible:-outline-offset-2"
        >
          <Plus aria-hidden className="size-4" />
          New collection
        </button>
      )}
    </nav>
  )
}

/** The same on a phone. */
export function CollectionPicker({ collections, chosen, onChoose, onCreate }: CollectionListProps) {
  return (
    <Menu
      align="start"
      trigger={
        <Button className="max-w-full justify-between" aria-label={`Collection: ${chosen?.name ?? 'none'}`}>
          <span className="truncate">{chosen?.name ?? 'Collections'}</span>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
        </Button>
      }
    >
      {collections.map((collection) => (
        <MenuItem key={collection.id} onSelect={() => onChoose(collection.id)}>
          <Named collection={collection} />
        </MenuItem>
      ))}
      {onCreate && (
        <>
          <MenuSeparator />
          <MenuItem onSelect={onCreate}>
            <Plus aria-hidden />
            New collection
          </MenuItem>
        </>
      )}
    </Menu>
  )
}

const Named = ({ collection: { name, access, documentCount } }: { collection: Collection }) => (
  <>
    <span className="max-w-60 min-w-0 truncate">{name}</span>
    {access === 'members' && (
      <>
        <Lock aria-hidden className="size-3 shrink-0 text-ink-faint" />
        <span className="sr-only">, only members</span>
      </>
    )}
    <span className="ml-auto pl-2 text-xs text-ink-faint tabular-nums">{documentCount.toLocaleString('en')}</span>
  </>
)
