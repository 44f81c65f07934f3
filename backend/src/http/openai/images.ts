import type { LanguageModelV4FilePart } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { ChatMessage } from '@nitroagi/shared/openai'
import { identifyAttachment } from '../../ingestion/attachment-type.ts'
import { bytesInMemory } from '../../ingestion/byte-source.ts'
import type { Attachment } from '../../modules/module.ts'
import { imageUrlsIn, refuse } from './messages.ts'

/** The images of a request, by the URL that carries them: known by their bytes, whatever the URL says. */
export type Images = ReadonlyMap<string, Attachment & { part: LanguageModelV4FilePart }>

const imagesAtMost = 20

export async function readImages(messages: readonly ChatMessage[]): Promise<Images> {
  const images = new Map<string, Attachment & { part: LanguageModelV4FilePart }>()
  for (const [index, message] of messages.entries()) {
    for (const url of imageUrlsIn(message)) {
      if (images.has(url)) continue
      const path = `messages.${index}.content`
      if (images.size === imagesAtMost) throw refuse(path, `A request holds at most ${imagesAtMost} images`)
      images.set(url, await readImage(url, images.size + 1, path))
    }
  }
  return images
}

async function readImage(url: string, number: number, path: string) {
  const base64 = /^data:image\/[\w.+-]+;base64,/i.exec(url)?.[0]
  if (base64 === undefined) throw refuse(path, 'An image must be a data: URL such as data:image/png;base64,…')
  const bytes = new Uint8Array(Buffer.from(url.slice(base64.length), 'base64'))
  try {
    const { mediaType, width, height } = await identifyAttachment(bytesInMemory(bytes))
    if (width === null) throw refuse(path, 'Only images are understood here for now, and this is a recording')
    return {
      id: `image-${number}`,
      name: `image ${number}`,
      mediaType,
      sizeBytes: bytes.length,
      width,
      height,
      read: () => Promise.resolve(bytes),
      part: { type: 'file' as const, mediaType, data: { type: 'data' as const, data: bytes } },
    }
  } catch (error) {
    throw error instanceof NitroError ? refuse(path, error.message, error) : error
  }
}
