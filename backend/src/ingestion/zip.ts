import { NitroError } from '@nitroagi/shared/errors'
import yauzl from 'yauzl'

export interface ZipLimits {
  /** All parts together, as the archive says it. */
  totalBytes: number
  /** One part, counted while it is unpacked. */
  partBytes: number
  parts: number
}

export interface Zip {
  names: readonly string[]
  /** Undefined when there is no such part. Throws `document_too_large` when it unpacks to more than it may. */
  read(name: string): Promise<Buffer | undefined>
  /** As UTF-8, without its byte order mark; empty when there is no such part. */
  text(name: string): Promise<string>
}

/** An archive whose parts are unpacked one at a time. What it says of their sizes is checked, then counted. */
export async function withZip<Result>(
  path: string,
  what: string,
  limits: ZipLimits,
  work: (zip: Zip) => Promise<Result>,
): Promise<Result> {
  const file = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw new NitroError('document_corrupt', 'The file is damaged or was cut: it has lost the list of its parts', {
      cause,
    })
  })
  try {
    const entries = new Map<string, yauzl.Entry>()
    let total = 0
    for await (const entry of file.eachEntry()) {
      entries.set(entry.fileName, entry)
      total += entry.uncompressedSize
      if (entries.size > limits.parts || total > limits.totalBytes) throw unpacksTooFar(what, total)
    }
    let unpacked = 0
    async function read(name: string): Promise<Buffer | undefined> {
      const entry = entries.get(name)
      if (!entry) return undefined
      if (entry.isEncrypted()) {
        throw new NitroError('document_password', `This ${what} is protected by a password. Save it without one.`)
      }
      if (entry.uncompressedSize > limits.partBytes) throw unpacksTooFar(what, entry.uncompressedSize)
      const pieces: Buffer[] = []
      let size = 0
      for await (const piece of (await file.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
        size += piece.length
        unpacked += piece.length
        // Counted here too: a part may be read more than once.
        if (size > limits.partBytes || unpacked > limits.totalBytes * 2) throw unpacksTooFar(what, unpacked)
        pieces.push(piece)
      }
      return Buffer.concat(pieces)
    }
    return await work({
      names: [...entries.keys()],
      read,
      text: async (name) => (await read(name))?.toString('utf8').replace(/^\uFEFF/, '') ?? '',
    })
  } catch (error) {
    if (error instanceof NitroError) throw error
    // It ends a part that goes on after the size that it said.
    if (error instanceof Error && error.message.startsWith('too many bytes')) throw unpacksTooFar(what, 0)
    throw error
  } finally {
    file.close()
  }
}

const unpacksTooFar = (what: string, bytes: number) =>
  new NitroError(
    'document_too_large',
    bytes > 0
      ? `The ${what} unpacks to ${Math.round(bytes / 1024 / 1024)} MB, more than can be taken in`
      : `The ${what} unpacks to more than it says, as bombs do, so it is not taken in`,
  )
