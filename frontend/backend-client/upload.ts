import { Attachment } from '@nitroagi/shared/attachments'
import { NitroError } from '@nitroagi/shared/errors'
import { type CreateTicket, Ticket } from '@nitroagi/shared/identity'
import { UploadResult } from '@nitroagi/shared/knowledge'
import type { z } from 'zod'
import { readAnswer } from './answer.ts'
import { request } from './request.ts'

export type UploadWatch = { onProgress: (fraction: number) => void; signal: AbortSignal }

/** A document, on its way into a collection. */
export const uploadFile = (file: File, collectionId: string, watch: UploadWatch) =>
  sendFile(file, { kind: 'upload', collectionId }, UploadResult, watch)

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
    target.searchParams.set('name', file.name)
    upload.open('POST', target)
    upload.setRequestHeader('authorization', `Bearer ${ticket}`)
    upload.setRequestHeader('content-type', 'application/octet-stream')
    upload.send(file)
  })
  return readAnswer(response, schema)
}
