import { oldEncoding } from './old-encodings.ts'

/**
 * Bytes to text: by their byte order mark, as UTF-8 when they are, as UTF-16 when every second byte is zero, in an older
 * encoding when its letters make sense, and else as Windows-1252, which knows a character for almost every byte. Undefined when it is not text at all.
 */
export function decodeText(bytes: Uint8Array, isHead = false): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const utf16 = utf16Order(bytes)
  if (utf16) return new TextDecoder(utf16).decode(bytes)
  if (isBinary(bytes)) return undefined
  try {
    // The head of a file may end within a character, which `stream` takes for more to come.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isHead })
  } catch {
    const old = oldEncoding(bytes)
    if (old) return new TextDecoder(old).decode(bytes)
    return japanese(bytes, isHead) ?? new TextDecoder('windows-1252').decode(bytes)
  }
}

/**
 * Most bytes can be read as Shift-JIS somehow. Real Japanese comes in runs; the accents of other languages would become
 * single characters among letters.
 */
function japanese(bytes: Uint8Array, isHead: boolean): string | undefined {
  try {
    const text = new TextDecoder('shift_jis', { fatal: true }).decode(bytes, { stream: isHead })
    const sample = text.slice(0, 20_000)
    const all = sample.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0
    const runs = sample.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,}/gu)?.join('').length ?? 0
    return all >= 2 && runs >= all * 0.8 ? text : undefined
  } catch {
    return undefined
  }
}

function utf16Order(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, 2_000)
  if (sample.length < 8) return undefined
  let even = 0
  let odd = 0
  sample.forEach((byte, at) => {
    if (byte === 0) at % 2 === 0 ? even++ : odd++
  })
  const half = sample.length / 2
  if (odd > half * 0.7 && even < half * 0.1) return 'utf-16le'
  if (even > half * 0.7 && odd < half * 0.1) return 'utf-16be'
  return undefined
}

/** A zero byte, or more control characters than any text has. */
function isBinary(bytes: Uint8Array): boolean {
  let controls = 0
  for (const byte of bytes) {
    if (byte === 0) return true
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++
  }
  return controls > bytes.length * 0.02
}
