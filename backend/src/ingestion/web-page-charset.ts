const headBytes = 4_096
const declaredIn = /<meta[^>]+charset\s*=/i

/**
 * Once it is a file, a page knows its encoding only when it says so itself. One that left that to the HTTP header is
 * written anew in UTF-8 as it comes.
 */
export async function* inUtf8(body: AsyncIterable<Buffer>, contentType: string | null): AsyncGenerator<Uint8Array> {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1]
  const decoder = charset && /^text\//i.test(contentType!.trim()) && !/^utf-?8$/i.test(charset) && decoderOf(charset)
  if (!decoder) {
    yield* body
    return
  }
  let head = Buffer.alloc(0)
  let isDecoding: boolean | undefined
  const write = (bytes: Uint8Array, isLast = false) =>
    isDecoding ? Buffer.from(decoder.decode(bytes, { stream: !isLast })) : bytes
  for await (const chunk of body) {
    if (isDecoding !== undefined) yield write(chunk)
    else {
      head = Buffer.concat([head, chunk])
      if (head.length < headBytes) continue
      isDecoding = !declaredIn.test(head.toString('latin1'))
      yield write(head)
    }
  }
  const rest = isDecoding === undefined ? head : new Uint8Array()
  isDecoding ??= !declaredIn.test(head.toString('latin1'))
  yield write(rest, true)
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset)
  } catch {
    return undefined
  }
}
