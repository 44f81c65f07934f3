import { open } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'

/** A sheet of A0 at 600 dots an inch has 560 million. */
const pixelsAtMost = 1_000_000_000
const windowBytes = 4 * 1024 * 1024
/** A dictionary, the word after it, and the beginning of its data. */
const overlapBytes = 4 * 1024

/**
 * Refuses pictures that a few bytes unpack to gigabytes. JBIG2 says its size in its own data, whatever the PDF says around it, and
 * may stand where text is expected, so it is looked for in the file: the dictionaries of streams are never packed.
 */
export async function refuseGiantPictures(path: string): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const window = Buffer.alloc(Math.min(size, windowBytes + overlapBytes))
    for (let begin = 0; begin < size; begin += windowBytes) {
      const { bytesRead } = await file.read(window, 0, window.length, begin)
      refuseIn(window.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

function refuseIn(bytes: Buffer): void {
  for (let at = bytes.indexOf('/JBIG2Decode'); at !== -1; at = bytes.indexOf('/JBIG2Decode', at + 1)) {
    const { width, height } = sizeOf(bytes.subarray(at, at + overlapBytes))
    if (width * height <= pixelsAtMost) continue
    const points = [width, height].map((side) => side.toLocaleString('en')).join(' × ')
    throw new NitroError(
      'document_too_large',
      `A picture in this PDF would unpack to ${points} points. Save it smaller and upload it again.`,
    )
  }
}

const pageInformation = 48

/** Of the page that the data begins with (ITU-T T.88, 7.2 and 7.4.8); nothing when it begins with anything else. */
function sizeOf(bytes: Buffer): { width: number; height: number } {
  const none = { width: 0, height: 0 }
  const word = bytes.indexOf('stream')
  if (word === -1) return none
  let at = word + 'stream'.length
  if (bytes[at] === 0x0d) at++
  if (bytes[at] === 0x0a) at++
  // The segment's number, its kind, that it refers to no other, its page, and how long it is.
  if (at + 19 > bytes.length || (bytes[at + 4]! & 0x3f) !== pageInformation || bytes[at + 5] !== 0) return none
  const data = at + (bytes[at + 4]! & 0x40 ? 14 : 11)
  if (data + 8 > bytes.length) return none
  return { width: bytes.readUInt32BE(data), height: bytes.readUInt32BE(data + 4) }
}
