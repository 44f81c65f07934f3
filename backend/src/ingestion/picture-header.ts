import { crc32 } from 'node:zlib'
import type { ByteSource } from './byte-source.ts'

export interface PictureHeader {
  mediaType: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif'
  width: number
  height: number
}

/** A header longer than this is nobody's photograph. */
const segmentsAtMost = 1_000

/**
 * What picture it is and how large, from its structure and without decoding it: a few hundred bytes can say that they
 * are a billion pixels. 'damaged' when it begins like a picture and does not go on like one, undefined when it is none.
 */
export async function readPictureHeader(source: ByteSource): Promise<PictureHeader | 'damaged' | undefined> {
  const head = await source.read(0, 64)
  const reader = readers.find(({ begins }) => begins(head))
  if (!reader) return undefined
  const size = await reader.sizeOf(source, head)
  if (!size || size.width < 1 || size.height < 1) return 'damaged'
  return { mediaType: reader.mediaType, width: size.width, height: size.height }
}

type Size = { width: number; height: number } | undefined

interface Reader {
  mediaType: PictureHeader['mediaType']
  begins(head: Buffer): boolean
  sizeOf(source: ByteSource, head: Buffer): Promise<Size>
}

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex')

const readers: readonly Reader[] = [
  {
    mediaType: 'image/png',
    begins: (head) => head.subarray(0, 8).equals(pngSignature),
    async sizeOf(_, head) {
      const chunk = head.subarray(12, 29)
      const isWhole = head.length >= 33 && head.readUInt32BE(8) === 13 && chunk.toString('latin1', 0, 4) === 'IHDR'
      if (!isWhole || crc32(chunk) !== head.readUInt32BE(29)) return undefined
      return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
    },
  },
  {
    mediaType: 'image/jpeg',
    begins: (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff,
    sizeOf: jpegSize,
  },
  {
    mediaType: 'image/gif',
    begins: (head) => /^GIF8[79]a$/.test(head.toString('latin1', 0, 6)),
    async sizeOf(source, head) {
      if (head.length < 13) return undefined
      const flags = head[10]!
      const colours = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
      // The first block after the colours: an extension or a picture, and nothing else.
      const [block] = await source.read(13 + colours, 1)
      if (block !== 0x21 && block !== 0x2c) return undefined
      return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }
    },
  },
  {
    mediaType: 'image/webp',
    begins: (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP',
    sizeOf: async (source, head) => webpSize(head, source.sizeBytes),
  },
]

/** Walks from segment to segment up to the one that says the size; a camera's own data may stand before it. */
async function jpegSize(source: ByteSource): Promise<Size> {
  let at = 2
  for (let segments = 0; segments < segmentsAtMost; segments++) {
    const head = await source.read(at, 9)
    if (head.length < 9 || head[0] !== 0xff) return undefined
    const marker = head[1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (isFrame(marker)) return { height: head.readUInt16BE(5), width: head.readUInt16BE(7) }
    // The picture's data or its end, and no size before it.
    if (marker < 0xc0 || marker === 0xda || marker === 0xd9 || marker === 0xd8) return undefined
    const length = head.readUInt16BE(2)
    if (length < 2) return undefined
    at += 2 + length
  }
  return undefined
}

const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function webpSize(head: Buffer, sizeBytes: number): Size {
  if (head.length < 30 || head.readUInt32LE(4) + 8 > sizeBytes + 1) return undefined
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ': {
      const isKeyFrame = head[23] === 0x9d && head[24] === 0x01 && head[25] === 0x2a
      return isKeyFrame ? { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff } : undefined
    }
    case 'VP8L': {
      if (head[20] !== 0x2f) return undefined
      const bits = head.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
