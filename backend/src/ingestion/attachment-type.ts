import { fileTypeFromBuffer } from 'file-type'
import { NitroError } from '@nitroagi/shared/errors'
import type { ByteSource } from './byte-source.ts'
import { readPictureHeader } from './picture-header.ts'

export interface AttachmentType {
  mediaType: string
  /** In pixels; null for a recording. */
  width: number | null
  height: number | null
}

/** What a decoder may be asked to hold: four bytes for each. */
const megapixelsAtMost = 50
const headBytes = 256 * 1024

const whatIsTaken = 'Attach a picture (PNG, JPEG, WebP, GIF) or a recording (MP3, M4A, WAV, WebM, Ogg).'

/**
 * What an attachment is, by its bytes. Throws `unsupported_media_type` for everything that is not taken, whatever it is
 * named, and `invalid_input` for a damaged or far too large picture.
 */
export async function identifyAttachment(source: ByteSource): Promise<AttachmentType> {
  if (source.sizeBytes === 0) throw new NitroError('invalid_input', 'This file is empty: it has 0 bytes')
  const picture = await readPictureHeader(source)
  if (picture === 'damaged') {
    throw new NitroError('invalid_input', 'This picture is damaged: its beginning cannot be read. Save it again.')
  }
  if (picture) {
    const { width, height } = picture
    if (width * height > megapixelsAtMost * 1_000_000) {
      throw new NitroError(
        'invalid_input',
        `This picture has ${width.toLocaleString('en')} × ${height.toLocaleString('en')} pixels; at most ${megapixelsAtMost} million are taken. Make it smaller.`,
      )
    }
    return picture
  }
  const mediaType = await soundIn(await source.read(0, headBytes))
  if (mediaType === undefined) throw new NitroError('unsupported_media_type', `This cannot be attached. ${whatIsTaken}`)
  return { mediaType, width: null, height: null }
}

/** What recorders write into a file is mostly called a video, whether there is a picture in it or not. */
async function soundIn(head: Buffer): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  switch (found?.mime.split(';')[0]) {
    case 'audio/mpeg':
      return 'audio/mpeg'
    case 'audio/wav':
    case 'audio/vnd.wave':
      return 'audio/wav'
    case 'audio/mp4':
    case 'audio/x-m4a':
      return 'audio/mp4'
    case 'video/mp4':
      return head.includes('soun') && !head.includes('vide') ? 'audio/mp4' : undefined
    case 'video/webm':
    case 'audio/webm':
      return isSoundAlone(head) ? 'audio/webm' : undefined
    case 'audio/ogg':
    case 'audio/opus':
      return 'audio/ogg'
    default:
      return undefined
  }
}

/** Matroska names the codecs of its tracks before the first cluster; after that any bytes may come, also theirs. */
function isSoundAlone(head: Buffer): boolean {
  const cluster = head.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]))
  const tracks = head.toString('latin1', 0, cluster < 0 ? undefined : cluster)
  return /A_OPUS|A_VORBIS/.test(tracks) && !/V_(?:VP8|VP9|AV1|MPEG|MS|THEORA|UNCOMPRESSED)/.test(tracks)
}
