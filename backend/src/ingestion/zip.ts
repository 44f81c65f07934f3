import { open } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'

export interface ZipEntry {
  name: string
  unpackedBytes: number
}

const directoryEnd = 0x06054b50
const directoryEntry = 0x02014b50
/** The end record has a comment of at most 65,535 bytes behind it. */
const tailBytes = 65_557

/** What an archive says it holds, without unpacking any of it. Throws `document_corrupt` when it has lost its directory. */
export async function zipEntries(path: string): Promise<ZipEntry[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, tailBytes))
    await file.read(tail, 0, tail.length, size - tail.length)
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
    if (end < 0 || end + 22 > tail.length || tail.readUInt32LE(end) !== directoryEnd) throw cut()
    const length = tail.readUInt32LE(end + 12)
    const offset = tail.readUInt32LE(end + 16)
    if (offset + length > size) throw cut()
    const directory = Buffer.alloc(length)
    await file.read(directory, 0, length, offset)
    return [...entriesOf(directory)]
  } finally {
    await file.close()
  }
}

function* entriesOf(directory: Buffer): Generator<ZipEntry> {
  let at = 0
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === directoryEntry) {
    const nameLength = directory.readUInt16LE(at + 28)
    const rest = directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
    yield {
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      unpackedBytes: directory.readUInt32LE(at + 24),
    }
    at += 46 + nameLength + rest
  }
}

const cut = () =>
  new NitroError('document_corrupt', 'The file is damaged or was cut: it has lost the list of its parts')
