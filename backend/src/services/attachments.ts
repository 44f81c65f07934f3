import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { attachmentUrl, type Attachment, type AttachmentQuery } from '@nitroagi/shared/attachments'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { NitroPart } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import { identifyAttachment } from '../ingestion/attachment-type.ts'
import { withFileBytes } from '../ingestion/byte-source.ts'
import type { Attachment as ReadableAttachment } from '../modules/module.ts'
import type { AttachmentsRepository, LooseAttachment, StoredAttachment } from '../ports/database/attachments-port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import { safeName } from './file-name.ts'

export type Attachments = ReturnType<typeof createAttachments>

/** More than this is not being written, it is being stored. */
const unsentAtMost = 100
const unsentForSeconds = 24 * 60 * 60
const cleanedAtOnce = 50

export function createAttachments({
  repository,
  objectStore,
}: {
  repository: AttachmentsRepository
  objectStore: ObjectStore
}) {
  async function dispose(loose: readonly LooseAttachment[]): Promise<void> {
    for (const { objectKey } of loose) await objectStore.delete(objectKey)
    if (loose.length > 0) await repository.remove(loose)
  }

  /** In the order of their ids; one that is missing is nobody's business, whyever it is. */
  async function findAll(call: Call, ids: readonly string[]): Promise<StoredAttachment[]> {
    if (ids.length === 0) return []
    const found = new Map((await repository.findAll(call, ids)).map((attachment) => [attachment.id, attachment]))
    return ids.flatMap((id) => found.get(id.toLowerCase()) ?? [])
  }

  const readable = ({ objectKey, ...attachment }: StoredAttachment): ReadableAttachment => ({
    ...attachment,
    read: async () => new Uint8Array(await buffer(await objectStore.get(objectKey))),
  })

  return {
    /** Streams the bytes to the object store, then looks at what they are. What is refused leaves nothing behind. */
    async upload(
      call: Call,
      { name }: AttachmentQuery,
      body: Readable | ReadableStream<Uint8Array>,
    ): Promise<Attachment> {
      const { workspaceId } = call.actor
      const id = randomUUID()
      const objectKey = `${workspaceId}/attachments/${id}`
      const begun = { id, name: safeName(name, 'attachment'), objectKey, unsentAtMost }
      if (!(await repository.begin(call, begun))) {
        throw new NitroError(
          'conflict',
          `You have attached ${unsentAtMost} files and sent none of them. Send or remove some first.`,
        )
      }
      try {
        const { sizeBytes, sha256 } = await objectStore.put(objectKey, body, {
          maxBytes: limits.attachmentBytes,
          signal: call.signal,
        })
        const type = await identifyStored(objectStore, objectKey)
        const stored = await repository.complete(call, id, { ...type, sizeBytes, sha256 })
        if (!stored) throw new NitroError('unavailable', 'This upload took too long. Try again.')
        return attachmentOf(stored)
      } catch (error) {
        // What cannot be cleared away now is found by the cleaning job.
        await repository.abandon(call, id).then(
          (loose) => dispose(loose ? [loose] : []),
          (cause: unknown) => call.log.warn('attachment-left-behind', { id, error: cause }),
        )
        throw error
      }
    },

    async open(call: Call, id: string): Promise<{ attachment: Attachment; body: Readable }> {
      const [stored] = await findAll(call, [id])
      if (!stored) throw noAttachment()
      return { attachment: attachmentOf(stored), body: await objectStore.get(stored.objectKey) }
    },

    /** Only before it is sent: then it is part of its conversation. */
    async delete(call: Call, id: string): Promise<void> {
      const loose = await repository.discard(call, id)
      if (!loose) throw noAttachment()
      await dispose([loose])
    },

    /** To be sent with a message, in this order. Whether they are free is decided when the message is stored. */
    async take(call: Call, ids: readonly string[]): Promise<ReadableAttachment[]> {
      const found = await findAll(call, ids)
      if (found.length < ids.length) throw noAttachment()
      return found.map(readable)
    },

    /** Those that are still there. */
    readable: async (call: Call, ids: readonly string[]): Promise<ReadableAttachment[]> =>
      (await findAll(call, ids)).map(readable),

    /** What conversations that were deleted left behind in the caller's workspace. Never rejects. */
    async clear(call: Call): Promise<void> {
      try {
        const { workspaceId } = call.actor
        await dispose(await repository.loose({ unsentForSeconds, limit: cleanedAtOnce, workspaceId }))
      } catch (error) {
        call.log.warn('attachments-not-cleared', { error })
      }
    },

    /** Everywhere: what was deleted, never arrived whole, or was not sent within a day. Gives how many. */
    async clean(signal: AbortSignal): Promise<number> {
      let cleaned = 0
      for (;;) {
        signal.throwIfAborted()
        const loose = await repository.loose({ unsentForSeconds, limit: cleanedAtOnce })
        await dispose(loose)
        cleaned += loose.length
        if (loose.length < cleanedAtOnce) return cleaned
      }
    },
  }
}

async function identifyStored(objectStore: ObjectStore, objectKey: string) {
  const file = await objectStore.openFile(objectKey)
  try {
    return await withFileBytes(file.path, identifyAttachment)
  } finally {
    await file.release()
  }
}

/** As the AI SDK's messages hold files; the bytes stay where they are. */
export const filePartOf = ({ id, name, mediaType }: Pick<Attachment, 'id' | 'name' | 'mediaType'>): NitroPart => ({
  type: 'file',
  mediaType,
  filename: name,
  url: attachmentUrl(id),
})

export const noAttachment = () =>
  new NitroError('not_found', 'There is no such attachment, or it was sent already. Attach it again.')

const attachmentOf = ({ objectKey: _, ...attachment }: StoredAttachment): Attachment => attachment
