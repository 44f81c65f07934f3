'use client'

import { BookOpen } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Collection } from '@nitroagi/shared/collections'
import { classNames } from '../../ui/class-names.ts'
import { Menu, MenuCheck, MenuLabel, MenuSeparator } from '../../ui/menu.tsx'
import { readAnswerOptions, saveAnswerOptions } from './answer-options.ts'
import { useReadableCollections } from './use-readable-collections.ts'

/** A request names at most so many; whoever wants more takes all. */
const most = 50

/** Which collections a conversation may draw on: all, some, or none. Quiet as long as it is all. */
export function CollectionsMenu({ conversation }: { conversation: string }) {
  const [chosen, setChosen] = useState<readonly string[]>()
  const { data } = useReadableCollections()
  const collections = data?.items ?? []

  // Read after the first render, because the server knows no choice.
  useEffect(() => {
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setChosen(readAnswerOptions(conversation).collectionIds)
  }, [conversation])

  function choose(ids: string[] | undefined) {
    const { collectionIds: _before, ...others } = readAnswerOptions(conversation)
    setChosen(ids)
    saveAnswerOptions(conversation, { ...others, ...(ids ? { collectionIds: ids } : {}) })
  }

  function toggle(id: string, isWanted: boolean) {
    const before = chosen ?? collections.map((collection) => collection.id)
    const next = collections
      .map((collection) => collection.id)
      .filter((other) => (other === id ? isWanted : before.includes(other)))
    // All one by one is the same as all, and stays so when another collection comes.
    choose(next.length === collections.length ? undefined : next.slice(0, most))
  }

  if (collections.length === 0) return null
  const words = wordsFor(collections, chosen)
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          aria-label={`Documents to draw on: ${words}`}
          title="Documents to draw on"
          className={classNames(
            'flex h-8 max-w-44 shrink-0 items-center gap-1.5 rounded-lg px-2 text-sm hover:bg-hover',
            chosen ? 'text-accent' : 'text-ink-faint',
          )}
        >
          <BookOpen aria-hidden className="size-4 shrink-0" />
          {chosen && <span className="truncate max-sm:hidden">{words}</span>}
        </button>
      }
    >
      <MenuLabel>Documents to draw on</MenuLabel>
      <MenuCheck checked={chosen === undefined} onChange={(isAll) => choose(isAll ? undefined : [])}>
        All collections
      </MenuCheck>
      <MenuSeparator />
      {collections.map(({ id, name, documentCount }) => (
        <MenuCheck
          key={id}
          checked={chosen === undefined || chosen.includes(id)}
          onChange={(isWanted) => toggle(id, isWanted)}
        >
          <span className="max-w-56 flex-1 truncate">{name}</span>
          <span className="text-xs text-ink-faint tabular-nums">{documentCount.toLocaleString('en')}</span>
        </MenuCheck>
      ))}
    </Menu>
  )
}

function wordsFor(collections: readonly Collection[], chosen: readonly string[] | undefined): string {
  if (!chosen) return 'all collections'
  const names = collections.filter(({ id }) => chosen.includes(id)).map(({ name }) => name)
  if (names.length === 0) return 'no documents'
  return names.length <= 2 ? names.join(', ') : `${names.length} collections`
}
