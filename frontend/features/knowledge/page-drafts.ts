'use client'

import { useSyncExternalStore } from 'react'
import type { PageText } from '@nitroagi/shared/knowledge'

type Place = Pick<PageText, 'documentId' | 'page'>

/** What was changed on pages and is not saved yet, for whoever comes back to them. Gone with the tab, and stored nowhere. */
const drafts = new Map<string, string>()
const listeners = new Set<() => void>()
const keyOf = ({ documentId, page }: Place) => `${documentId}/${page}`

function listen(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const useDraft = (place: Place): string | undefined =>
  useSyncExternalStore(
    listen,
    () => drafts.get(keyOf(place)),
    () => undefined,
  )

/** A text that is the page's own is no draft. */
export function keepDraft(page: PageText, text: string): void {
  if (text === page.text) drafts.delete(keyOf(page))
  else drafts.set(keyOf(page), text)
  for (const listener of listeners) listener()
}

export const dropDraft = (page: PageText): void => keepDraft(page, page.text)
