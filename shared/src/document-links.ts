import { z } from 'zod'

/** An address that downloads a document's original to whoever has it, until then. */
export const DocumentLink = z.object({ url: z.url(), expiresAt: z.iso.datetime() })
export type DocumentLink = z.infer<typeof DocumentLink>
