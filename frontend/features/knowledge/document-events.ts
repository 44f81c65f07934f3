'use client'

import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { z } from 'zod'
import { type Document, DocumentEvent, type DocumentFilter, type DocumentPage } from '@nitroagi/shared/knowledge'
import { readMessages } from '../../backend-client/read-events.ts'
import { collectionsKey } from './use-collections.ts'
import { documentKey, documentsKey } from './use-documents.ts'

/** Shows every step of every document in this workspace as it happens, while the page is open. */
export function useDocumentEvents() {
  const queries = useQueryClient()
  useEffect(() => {
    const reader = new AbortController()
    void followDocuments(queries, reader.signal)
    return () => reader.abort()
  }, [queries])
}

async function followDocuments(queries: QueryClient, signal: AbortSignal) {
  const onConnection = (connection: string) => {
    if (connection !== 'open') return
    // What happened before the line was open is only in the list.
    void queries.invalidateQueries({ queryKey: ['documents'] })
    void queries.invalidateQueries({ queryKey: ['document'] })
  }
  try {
    for await (const { data } of readMessages('/documents/events', () => 0, { signal, onConnection })) {
      const event = DocumentEvent.safeParse(parseJson(data))
      if (event.success) applyDocument(queries, event.data.document)
    }
  } catch {
    // Refused: the list still polls while something is at work.
  }
}

type Pages = InfiniteData<z.infer<typeof DocumentPage>>

export function applyDocument(queries: QueryClient, document: Document) {
  queries.setQueryData<Document>(documentKey(document.id), (known) => (known ? newer(known, document) : known))
  const key = documentsKey(document.collectionId)
  const lists = queries.getQueriesData<Pages>({ queryKey: key })
  const isKnown = lists.some(([, data]) => data?.pages.some((page) => page.items.some(({ id }) => id === document.id)))
  if (document.status === 'deleting') {
    // An event says that it is going; whether it is gone is in the list.
    void queries.invalidateQueries({ queryKey: key })
    if (!isKnown) return
  }
  if (!isKnown || document.status === 'ready') void queries.invalidateQueries({ queryKey: collectionsKey })
  for (const [listKey, data] of lists) {
    if (data) queries.setQueryData<Pages>(listKey, putInto(data, document, listKey[2] as DocumentFilter))
  }
}

function putInto(data: Pages, document: Document, filter: DocumentFilter): Pages {
  const isHere = data.pages.some((page) => page.items.some(({ id }) => id === document.id))
  const [first, ...rest] = data.pages
  if (!isHere) {
    // Whether a filter lets a new one through is for the server to say; it does when the list is next asked for.
    if (!first || Object.keys(filter).length > 0) return data
    return { ...data, pages: [{ ...first, items: [document, ...first.items] }, ...rest] }
  }
  return {
    ...data,
    pages: data.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === document.id ? newer(item, document) : item)),
    })),
  }
}

/** An event may be overtaken by the list on its way. */
const newer = (one: Document, other: Document) => (other.updatedAt >= one.updatedAt ? other : one)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
