import type { Call } from '../../call.ts'

export interface StoredAttachment {
  id: string
  name: string
  mediaType: string
  sizeBytes: number
  width: number | null
  height: number | null
  objectKey: string
}

/** Bytes that nobody needs any more; their row stays until they are gone. */
export interface LooseAttachment {
  workspaceId: string
  id: string
  objectKey: string
}

/** Every method with a call sees the caller's own attachments in their workspace, and nothing else. */
export interface AttachmentsRepository {
  /** Notes that one is on its way; false when the owner has `unsentAtMost` that were never sent. */
  begin(call: Call, attachment: { id: string; name: string; objectKey: string; unsentAtMost: number }): Promise<boolean>
  /** It is there and can be sent; undefined when somebody cleaned up meanwhile. */
  complete(
    call: Call,
    id: string,
    facts: Pick<StoredAttachment, 'mediaType' | 'sizeBytes' | 'width' | 'height'> & { sha256: string },
  ): Promise<StoredAttachment | undefined>
  /** Those of them that are there, sent or not, in no order. */
  findAll(call: Call, ids: readonly string[]): Promise<StoredAttachment[]>
  /** It did not arrive; undefined when there is none on its way. */
  abandon(call: Call, id: string): Promise<LooseAttachment | undefined>
  /** Takes one that was not sent out of sight; undefined when there is none. */
  discard(call: Call, id: string): Promise<LooseAttachment | undefined>
  /**
   * Over all workspaces, or in one: what was deleted, and what was not sent for so long. At most `limit`; taken out of
   * sight, so that nobody sends it now.
   */
  loose(options: { unsentForSeconds: number; limit: number; workspaceId?: string }): Promise<LooseAttachment[]>
  /** The bytes are gone, so the rows go. */
  remove(attachments: readonly LooseAttachment[]): Promise<void>
}
