'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { NitroError } from '@nitroagi/shared/errors'
import { uploadFile } from '../../backend-client/upload.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { applyDocument } from './use-documents.ts'

export type Upload = {
  id: string
  file: File
  collectionId: string
  /** 0..1 while it is on its way; `null` while it waits for its turn. */
  fraction: number | null
  error?: string
  /** Good news worth a word, such as that the file is already there. */
  note?: string
}

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
        const { documents, created } = await uploadFile(upload.file, upload.collectionId, {
          signal,
          onProgress: (fraction) => change(upload.id, { fraction }),
        })
        for (const document of documents) applyDocument(queries, document)
        if (created) dismiss(upload.id)
        else change(upload.id, { fraction: 1, note: 'Already in this collection: nothing was added.' })
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

  const add = useCallback(
    (files: Iterable<File>, collectionId: string) => {
      const added = [...files].map((file) => ({ id: crypto.randomUUID(), file, collectionId, fraction: null }))
      setUploads((all) => [...all, ...added])
      waiting.current.push(...added)
      for (let worker = 0; worker < atOnce; worker++) void pump()
    },
    [pump],
  )

  const retry = useCallback(
    (upload: Upload) => {
      dismiss(upload.id)
      add([upload.file], upload.collectionId)
    },
    [add, dismiss],
  )

  return { uploads, add, retry, dismiss }
}

/** Said here at once, because a hundred megabytes are a long way to go for a refusal. */
function checkFile(file: File) {
  if (file.size === 0) throw new NitroError('invalid_input', 'This file is empty.')
  if (file.size > limits.uploadBytes) {
    throw new NitroError('invalid_input', 'This file is larger than 100 MB, which is the most that is taken.')
  }
}
