import { Attachment } from '@nitroagi/shared/attachments'
import { z } from 'zod'

/** What somebody wants to say: words, and what goes with them. */
export type DraftMessage = { text: string; attachments: readonly Attachment[] }

const Draft = z.object({
  text: z.string(),
  attachments: z.array(Attachment).default([]),
  /** The Idempotency-Key that it was sent with, when it is not known whether it arrived. */
  key: z.string().optional(),
})

/** What somebody has typed and not sent, or sent without the server having it. Lives as long as the tab. */
export type Draft = z.infer<typeof Draft>

const nameOf = (conversation: string) => `nitro-draft:${conversation}`
const empty: Draft = { text: '', attachments: [] }

export function readDraft(conversation: string): Draft {
  try {
    return Draft.safeParse(JSON.parse(sessionStorage.getItem(nameOf(conversation)) ?? '')).data ?? empty
  } catch {
    return empty
  }
}

export function saveDraft(conversation: string, { text, attachments }: DraftMessage): void {
  const known = readDraft(conversation)
  write(conversation, { text, attachments, ...(known.key && isSame(known, { text, attachments }) ? known : {}) })
}

export const clearDraft = (conversation: string): void => saveDraft(conversation, empty)

/** The Idempotency-Key to send this with: that of the attempt before, as long as it is the same message. */
export function keyFor(conversation: string, message: DraftMessage): string {
  const known = readDraft(conversation)
  const key = (isSame(known, message) ? known.key : undefined) ?? crypto.randomUUID()
  write(conversation, { ...message, key })
  return key
}

function write(conversation: string, draft: DraftMessage & { key?: string | undefined }): void {
  try {
    if (draft.text || draft.attachments.length > 0) {
      sessionStorage.setItem(nameOf(conversation), JSON.stringify(draft))
    } else sessionStorage.removeItem(nameOf(conversation))
  } catch {
    // A browser without storage, or a full one: the words are still in the field.
  }
}

function isSame(one: DraftMessage, other: DraftMessage): boolean {
  const ids = ({ attachments }: DraftMessage) => attachments.map(({ id }) => id).join()
  return one.text === other.text && ids(one) === ids(other)
}
