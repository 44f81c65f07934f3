'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import { DocumentPage, type UploadResult } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import { request } from '../../backend-client/request.ts'
import { uploadFile } from '../../backend-client/upload.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { applyDocument } from './document-events.ts'
import type { NamedFile } from './dropped-files.ts'
import { freeName } from './free-name.ts'

export type Upload = NamedFile & {
  id: string
  collectionId: string
  /** The document that it becomes a new version of. */
  replace?: string
  /** 0..1 while it is on its way; `null` while it waits for its turn. */
  fraction: number | null
  error?: string
  /** Good news worth a word, such as that the file is already there. */
  note?: string
  /** Somebody has to say what to do: a document of this name is there already. */
  conflict?: Conflict
  isDecided?: boolean
}
export type Conflict = { documentId: string; freeName: string }
export type Decision = 'replace' | 'keep-both'

const atOnce = 2

/** Files on their way to the backend. What has arrived leaves this list and is a document. */
export function useUploads() {
  const queries = useQueryClient()
  const [uploads, setUploads] = useState<Upload[]>([])
  const waiting = useRef<Upload[]>([])
  const running = useRef(new Map<string, AbortController>())

  const change = useCallback((id: string, part: Partial<Upload>) => {
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)))
  }, [])

  const dismiss = useCallback((id: string) => {
    running.current.get(id)?.abort()
    waiting.current = waiting.current.filter((upload) => upload.id !== id)
    setUploads((all) => all.filter((upload) => upload.id !== id))
  }, [])

  const send = useCallback(
    async (upload: Upload, signal: AbortSignal) => {
      try {
        checkFile(upload.file)
        change(upload.id, { fraction: 0 })
        const conflict = upload.isDecided || upload.replace ? undefined : await findConflict(upload, signal)
        if (conflict) return change(upload.id, { conflict, fraction: null })
        const { collectionId, name, replace } = upload
        const result = await uploadFile(
          upload.file,
          { collectionId, name, ...(replace ? { replace } : {}) },
          {
            signal,
            onProgress: (fraction) => change(upload.id, { fraction }),
          },
        )
        for (const document of result.documents) applyDocument(queries, document)
        if (result.created) dismiss(upload.id)
        else change(upload.id, { fraction: 1, note: duplicateNote(upload, result) })
      } catch (error) {
        if (!signal.aborted) change(upload.id, { error: wordsOf(error) })
      }
    },
    [change, dismiss, queries],
  )

  const pump = useCallback(async () => {
    // Each finished upload takes the next one along, so this ends when nothing waits.
    for (let next = takeNext(); next; next = takeNext()) {
      const upload = next
      const controller = new AbortController()
      running.current.set(upload.id, controller)
      await send(upload, controller.signal)
      running.current.delete(upload.id)
    }
    function takeNext() {
      return running.current.size < atOnce ? waiting.current.shift() : undefined
    }
  }, [send])

  const enqueue = useCallback(
    (added: Upload[]) => {
      setUploads((all) => [...all, ...added])
      waiting.current.push(...added)
      for (let worker = 0; worker < atOnce; worker++) void pump()
    },
    [pump],
  )

  const add = useCallback(
    (files: Iterable<NamedFile>, collectionId: string, replace?: string) =>
      enqueue(
        [...files].map((named) => ({
          ...named,
          id: crypto.randomUUID(),
          collectionId,
          fraction: null,
          ...(replace ? { replace } : {}),
        })),
      ),
    [enqueue],
  )

  const again = useCallback(
    (upload: Upload, part: Partial<Upload>) => {
      const { error: _e, note: _n, conflict: _c, ...rest } = upload
      dismiss(upload.id)
      enqueue([{ ...rest, ...part, id: crypto.randomUUID(), fraction: null }])
    },
    [dismiss, enqueue],
  )

  const retry = useCallback((upload: Upload) => again(upload, {}), [again])

  const decide = useCallback(
    (upload: Upload, decision: Decision) => {
      if (!upload.conflict) return
      const { documentId, freeName: name } = upload.conflict
      again(upload, { isDecided: true, ...(decision === 'replace' ? { replace: documentId } : { name }) })
    },
    [again],
  )

  return { uploads, add, retry, decide, dismiss }
}

/** Said here at once, because a hundred megabytes are a long way to go for a refusal. */
function checkFile(file: File) {
  if (file.size === 0) throw new NitroError('invalid_input', 'This file is empty.')
  if (file.size > limits.uploadBytes) {
    throw new NitroError('invalid_input', 'This file is larger than 100 MB, which is the most that is taken.')
  }
}

/** A document of the same name; the file may be a newer state of it, or another one. */
async function findConflict({ name, collectionId }: Upload, signal: AbortSignal): Promise<Conflict | undefined> {
  const query = new URLSearchParams({ name: name.replace(/\.[^./]*$/, ''), limit: String(limits.pageSizeMax) })
  const { items } = await request(`/collections/${collectionId}/documents?${query}`, DocumentPage, { signal })
  const same = items.find((document) => document.name === name && document.status !== 'deleting')
  const taken = new Set(items.map((document) => document.name))
  return same && { documentId: same.id, freeName: freeName(name, taken) }
}

function duplicateNote({ name }: Upload, { documents: [known] }: UploadResult): string {
  return known && known.name !== name
    ? `Already in this collection, as “${known.name}”: nothing was added.`
    : 'Already in this collection: nothing was added.'
}
