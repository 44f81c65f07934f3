import { NitroError } from '@nitroagi/shared/errors'
import { type CreateTicket, Ticket } from '@nitroagi/shared/identity'
import { UploadResult } from '@nitroagi/shared/knowledge'
import { readFailure } from './answer.ts'
import { request } from './request.ts'

/**
 * Sends a file straight to the backend: a host in between would buffer it or cut it. XMLHttpRequest, because fetch
 * cannot tell how far an upload has come.
 */
export async function uploadFile(
  file: File,
  collectionId: string,
  { onProgress, signal }: { onProgress: (fraction: number) => void; signal: AbortSignal },
): Promise<UploadResult> {
  const body: CreateTicket = { kind: 'upload', collectionId }
  const { ticket, url } = await request('/tickets', Ticket, { method: 'POST', body, signal })
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
  if (!response.ok) throw await readFailure(response)
  return UploadResult.parse(await response.json())
}
