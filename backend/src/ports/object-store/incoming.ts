import { createHash } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { NitroError } from '@nitroagi/shared/errors'
import type { StoredObject } from './port.ts'

/** Keys come from our own code, but a segment like `..` would leave the store's place, so it never gets that far. */
export function segmentsOf(key: string): string[] {
  const segments = key.split('/')
  if (segments.some((segment) => !/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
    throw new NitroError('internal', 'This is not a key of the object store')
  }
  return segments
}

/** The segments of what `deleteAll` is given. */
export function segmentsOfPrefix(prefix: string): string[] {
  if (!prefix.endsWith('/')) throw new NitroError('internal', 'A prefix of keys ends with a slash')
  return segmentsOf(prefix.slice(0, -1))
}

/** Hands bytes on while it counts and hashes them, and ends in an error after `maxBytes`. */
export function measureBytes(maxBytes: number) {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) return done(tooLarge(maxBytes))
      hash.update(chunk)
      done(null, chunk)
    },
  })
  return { stream, stored: (): StoredObject => ({ sizeBytes, sha256: hash.digest('hex') }) }
}

export const readableOf = (body: Readable | ReadableStream<Uint8Array>): Readable =>
  body instanceof Readable ? body : Readable.fromWeb(body as WebStream)

const tooLarge = (maxBytes: number) =>
  new NitroError('payload_too_large', `A file may have at most ${Math.floor(maxBytes / 1024 / 1024)} MB`)
