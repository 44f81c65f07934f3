import { createReadStream } from 'node:fs'
import { NitroError } from '@nitroagi/shared/errors'

/** One line is held in memory whole; a file without line ends must not be. */
const lineBytes = 8 * 1024 * 1024

/** Lines of a UTF-8 file with their numbers, blank ones left out. */
export async function* readLines(path: string, signal: AbortSignal): AsyncGenerator<{ number: number; text: string }> {
  let number = 0
  let held: Buffer[] = []
  let heldBytes = 0
  const decoder = new TextDecoder()
  const line = (bytes: Buffer) => {
    number++
    // Each call begins anew, so a byte order mark is dropped wherever files were joined.
    return { number, text: decoder.decode(bytes) }
  }
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const found = line(Buffer.concat([...held, chunk.subarray(from, end)]))
      held = []
      heldBytes = 0
      from = end + 1
      if (found.text.trim()) yield found
    }
    held.push(chunk.subarray(from))
    heldBytes += chunk.length - from
    if (heldBytes > lineBytes) throw new NitroError('document_too_large', `Line ${number + 1} is longer than 8 MB`)
  }
  const last = line(Buffer.concat(held))
  if (last.text.trim()) yield last
}
