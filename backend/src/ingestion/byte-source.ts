import { open } from 'node:fs/promises'

/** Bytes that can be looked at anywhere, so that a file's kind is known without holding all of it. */
export interface ByteSource {
  sizeBytes: number
  /** Fewer bytes than asked for at the end. */
  read(position: number, length: number): Promise<Buffer>
}

export const bytesInMemory = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.length,
  read: async (position, length) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(position, position + length),
})

export async function withFileBytes<Result>(
  path: string,
  look: (source: ByteSource) => Promise<Result>,
): Promise<Result> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    return await look({
      sizeBytes: size,
      async read(position, length) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position)
        return buffer.subarray(0, bytesRead)
      },
    })
  } finally {
    await file.close()
  }
}
