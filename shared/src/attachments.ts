import { z } from 'zod'

/** What can be attached to a message, by what its bytes are. */
export const attachmentTypes = {
  image: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'],
  audio: ['audio/mpeg', 'audio/mp4', 'audio/wav', 'audio/webm', 'audio/ogg'],
} as const

/** A picture or recording that was uploaded to be sent with a message. */
export const Attachment = z.object({
  id: z.uuid(),
  name: z.string(),
  /** As its bytes say, not as its name does. */
  mediaType: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** In pixels; null for what is no picture. */
  width: z.number().int().positive().nullable(),
  height: z.number().int().positive().nullable(),
})
export type Attachment = z.infer<typeof Attachment>

/** The name of the file, in the address of the upload. */
export const AttachmentQuery = z.object({ name: z.string().trim().min(1).max(500) })
export type AttachmentQuery = z.infer<typeof AttachmentQuery>

const prefix = '/api/v1/attachments/'

/** Where a message's `file` part finds its bytes. */
export const attachmentUrl = (id: string) => `${prefix}${id}`

/** The attachment behind the address in a `file` part; undefined for an address that is not ours. */
export function attachmentIdOf(url: string): string | undefined {
  const id = url.startsWith(prefix) ? url.slice(prefix.length) : undefined
  return z.uuid().safeParse(id).data
}
