import type { Readable } from 'node:stream'

/** Bytes by key. Keys start with the workspace: `<workspaceId>/<kind>/<id>`; segments are `[A-Za-z0-9._-]+`. */
export interface ObjectStore {
  /**
   * Streams the bytes in, never holding them whole, and returns their size and SHA-256 (hex).
   * Atomic: a reader sees all of it or none. Throws `payload_too_large` after `maxBytes`, `storage_full` when the
   * disk is; then nothing is left behind.
   */
  put(
    key: string,
    body: Readable | ReadableStream<Uint8Array>,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<StoredObject>
  /** Throws `not_found` before the first byte when there is no such key. */
  get(key: string): Promise<Readable>
  /** Nothing happens when it is not there. */
  delete(key: string): Promise<void>
  /** Deletes everything whose key starts with `prefix`, which ends with a slash. */
  deleteAll(prefix: string): Promise<void>
  /** A local file with these bytes for a parser that must seek, and how to let go of it. */
  openFile(key: string): Promise<{ path: string; release(): Promise<void> }>
  /**
   * An address that gives the bytes to whoever has it, for so long, as a download of this name. Absent where the store
   * cannot be reached from outside; whether the key exists is not looked at.
   */
  link?(key: string, options: { seconds: number; name: string; mediaType: string }): Promise<string>
  /** Resolves when the store takes writes, throws otherwise. */
  check(): Promise<void>
  /** Ends its connections, where it has any. */
  close?(): void
}

export interface StoredObject {
  sizeBytes: number
  sha256: string
}
