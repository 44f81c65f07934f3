import { Attachment } from '@nitroagi/shared/attachments'
import { NitroError } from '@nitroagi/shared/errors'
import { type CreateTicket, Ticket } from '@nitroagi/shared/identity'
import { UploadResult } from '@nitroagi/shared/knowledge'
import type { z } from 'zod'
import { readAnswer } from './answer.ts'
import { request } from './request.ts'

export type UploadWatch = { onProgress: (fraction: number) => void; signal: AbortSignal }

/** A document, on its way into a collection; or what takes the place of one that is there. */
export const uploadFile = (
  file: File,
  { collectionId, ...query }: { collectionId: string; name: string; replace?: string },
  watch: UploadWatch,
) => sendFile(file, { kind: 'upload', collectionId }, UploadResult, watch, query)

/** A picture or a recording, for a message that is not sent yet. */
export const uploadAttachment = (file: File, watch: UploadWatch) =>
  sendFile(file, { kind: 'attachment' }, Attachment, watch)

/**
 * Sends a file straight to the backend: a host in between would buffer it or cut it. XMLHttpRequest, because fetch
 * cannot tell how far an upload has come.
 */
async function sendFile<Answer>(
  file: File,
  door: CreateTicket,
  schema: z.ZodType<Answer>,
  { onProgress, signal }: UploadWatch,
  query: Record<string, string> = { name: file.name },
): Promise<Answer> {
  const { ticket, url } = await request('/tickets', Ticket, { method: 'POST', body: door, signal })
  const response = await new Promise<Response>((resolve, reject) => {
    const upload = new XMLHttpRequest()
    const end = () => upload.abort()
    signal.addEventListener('abort', end)
    upload.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    upload.onload = () => resolve(new Response(upload.responseText, { status: upload.status }))
    upload.onerror = () => reject(new NitroError('unavailable', 'The upload was cut off. Try again.'))
    upload.onabort = () => reject(new DOMException('The upload was stopped', 'AbortError'))
    upload.onloadend = () => signal.removeEventListener('abort', end)
    const target = new URL(url)
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
    upload.open('POST', target)
    upload.setRequestHeader('authorization', `Bearer ${ticket}`)
    upload.setRequestHeader('content-type', 'application/octet-stream')
    upload.send(file)
  })
  return readAnswer(response, schema)
}
