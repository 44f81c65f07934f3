'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { attachmentTypes, type Attachment } from '@nitroagi/shared/attachments'
import { limits } from '@nitroagi/shared/limits'
import { discardAttachment, isStillThere } from '../../backend-client/attachments.ts'
import { uploadAttachment } from '../../backend-client/upload.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { readDraft, saveDraft, type DraftMessage } from './drafts.ts'
import type { Attachable } from './use-attachable.ts'

/** A file beside the words that are being typed. */
export type DraftFile = {
  key: string
  name: string
  sizeBytes: number
  mediaType: string
  /** What was chosen; undefined after a reload, which keeps only what the server has. */
  file?: File | undefined
  /** The picture itself, as long as this page is open. */
  preview?: string | undefined
  /** 0..1 on its way to the server. */
  fraction: number
  /** Set once the server has it. */
  attachment?: Attachment | undefined
  error?: string | undefined
  /** A file that may not be attached stays refused however often it is tried. */
  isRefused?: boolean | undefined
}

/** The words and files of a message that is being written; a reload loses neither. */
export function useDraft(draftName: string) {
  const [text, setText] = useState('')
  const [files, setFiles] = useState<DraftFile[]>([])
  // An upload ends long after the render it began in.
  const latest = useRef({ text: '', files: [] as DraftFile[] })
  const uploads = useRef(new Map<string, AbortController>())

  const show = useCallback((next: Partial<{ text: string; files: DraftFile[] }>) => {
    latest.current = { ...latest.current, ...next }
    setText(latest.current.text)
    setFiles(latest.current.files)
  }, [])

  const change = useCallback(
    (next: Partial<{ text: string; files: DraftFile[] }>) => {
      show(next)
      saveDraft(draftName, messageOf(latest.current))
    },
    [draftName, show],
  )

  const changeFile = useCallback(
    (key: string, part: Partial<DraftFile>) =>
      change({ files: latest.current.files.map((file) => (file.key === key ? { ...file, ...part } : file)) }),
    [change],
  )

  const remove = useCallback(
    (key: string) => {
      const removed = latest.current.files.find((file) => file.key === key)
      if (!removed) return
      uploads.current.get(key)?.abort()
      if (removed.preview) URL.revokeObjectURL(removed.preview)
      if (removed.attachment) void discardAttachment(removed.attachment.id)
      change({ files: latest.current.files.filter((file) => file !== removed) })
    },
    [change],
  )

  // Read after the first render, because the server knows no draft.
  useEffect(() => {
    let isOver = false
    const kept = readDraft(draftName)
    const { text: typed, files: chosen } = latest.current
    if (kept.text || kept.attachments.length > 0) {
      show({ text: typed || kept.text, files: chosen.length > 0 ? chosen : kept.attachments.map(fileOf) })
    }
    for (const { id } of kept.attachments) {
      void isStillThere(id).then((isThere) => isThere || isOver || remove(id))
    }
    return () => void (isOver = true)
  }, [draftName, remove, show])

  useEffect(() => {
    const running = uploads.current
    return () => running.forEach((upload) => upload.abort())
  }, [])

  const upload = useCallback(
    async (key: string, file: File) => {
      const controller = new AbortController()
      uploads.current.set(key, controller)
      const { signal } = controller
      try {
        const attachment = await uploadAttachment(file, {
          signal,
          onProgress: (fraction) => changeFile(key, { fraction }),
        })
        changeFile(key, { attachment, name: attachment.name, mediaType: attachment.mediaType, fraction: 1 })
      } catch (error) {
        if (!signal.aborted) changeFile(key, { error: wordsOf(error) })
      } finally {
        uploads.current.delete(key)
      }
    },
    [changeFile],
  )

  const add = useCallback(
    (chosen: Iterable<File>, attachable: Attachable) => {
      const room = limits.attachmentsPerMessage - latest.current.files.length
      const added = [...chosen].map((file, index): DraftFile & { file: File } => {
        const error = refusal(file, attachable) ?? (index < room ? undefined : tooMany)
        return {
          key: crypto.randomUUID(),
          name: file.name,
          sizeBytes: file.size,
          mediaType: file.type,
          file,
          fraction: 0,
          ...(error ? { error, isRefused: true } : {}),
          ...(!error && file.type.startsWith('image/') ? { preview: URL.createObjectURL(file) } : {}),
        }
      })
      change({ files: [...latest.current.files, ...added] })
      for (const { key, file, error } of added) if (!error) void upload(key, file)
    },
    [change, upload],
  )

  const retry = useCallback(
    (key: string) => {
      const file = latest.current.files.find((known) => known.key === key)?.file
      if (!file) return
      changeFile(key, { error: undefined, attachment: undefined, fraction: 0 })
      void upload(key, file)
    },
    [changeFile, upload],
  )

  /** Empties the field for the next message; what was in it can be put back. What is kept for a reload stays. */
  const take = useCallback(() => {
    const taken = latest.current
    show({ text: '', files: [] })
    return { message: messageOf(taken), taken }
  }, [show])

  /** Puts back what could not be sent, unless something else was begun meanwhile. */
  const putBack = useCallback(
    async (taken: { text: string; files: DraftFile[] }) => {
      const { text: typed, files: chosen } = latest.current
      show({ text: typed || taken.text, files: chosen.length > 0 ? chosen : taken.files })
      for (const { key, attachment } of taken.files) {
        if (attachment && !(await isStillThere(attachment.id))) {
          changeFile(key, { attachment: undefined, error: 'The server does not have this file any more.' })
        }
      }
    },
    [changeFile, show],
  )

  const type = useCallback((next: string) => change({ text: next }), [change])

  /** What was taken has been sent. */
  const forget = useCallback(({ files: sent }: { files: DraftFile[] }) => {
    for (const { preview } of sent) if (preview) URL.revokeObjectURL(preview)
  }, [])

  return {
    text,
    files,
    setText: type,
    add,
    remove,
    retry,
    take,
    putBack,
    forget,
  }
}

const tooMany = `A message takes at most ${limits.attachmentsPerMessage} files.`

const messageOf = ({ text, files }: { text: string; files: readonly DraftFile[] }): DraftMessage => ({
  text,
  attachments: files.flatMap(({ attachment }) => attachment ?? []),
})

const fileOf = (attachment: Attachment): DraftFile => ({
  key: attachment.id,
  name: attachment.name,
  sizeBytes: attachment.sizeBytes,
  mediaType: attachment.mediaType,
  attachment,
  fraction: 1,
})

/** Said here at once, because twenty megabytes are a long way to go for a refusal. */
function refusal({ type, size }: File, { takesImages, takesAudio }: Attachable): string | undefined {
  const isImage = (attachmentTypes.image as readonly string[]).includes(type)
  // Browsers name recordings in many ways; the server looks at the bytes.
  const isAudio = /^(audio\/|video\/webm)/.test(type)
  if (!(isImage && takesImages) && !(isAudio && takesAudio)) {
    const kinds = takesAudio ? 'pictures (PNG, JPEG, WebP, GIF) and recordings' : 'pictures (PNG, JPEG, WebP, GIF)'
    return `Only ${kinds} go with a message. Add documents under Knowledge.`
  }
  if (size === 0) return 'This file is empty.'
  if (size > limits.attachmentBytes) {
    return `This file is larger than ${limits.attachmentBytes / 1024 / 1024} MB, which is the most that is taken.`
  }
  return undefined
}
