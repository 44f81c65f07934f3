import { attachmentIdOf } from '@nitroagi/shared/attachments'
import { z } from 'zod'
import { proxyBase, request } from './request.ts'

/** Where the browser finds the bytes, with the session of whoever is signed in. */
export const attachmentSource = (id: string) => `${proxyBase}/attachments/${id}`

/** The same for a message's `file` part; undefined for an address that is not ours. */
export function sourceOfFile(url: string): string | undefined {
  const id = attachmentIdOf(url)
  return id && attachmentSource(id)
}

/** False once it is certain that the server does not have it any more. */
export async function isStillThere(id: string): Promise<boolean> {
  const response = await fetch(attachmentSource(id)).catch(() => undefined)
  // Its bytes are not wanted.
  await response?.body?.cancel()
  return response?.status !== 404
}

/** Takes back what was uploaded and never sent. The server also does that by itself, a day later. */
export const discardAttachment = (id: string): Promise<unknown> =>
  request(`/attachments/${id}`, z.unknown(), { method: 'DELETE' }).catch(() => undefined)
