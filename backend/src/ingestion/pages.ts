/** Formats that know no pages get them: about so many characters each, ended where a paragraph, a line or a word ends. */
const pageCharacters = 3_000

export function* splitIntoPages(text: string): Generator<string> {
  let start = 0
  while (start < text.length) {
    let end = Math.min(start + pageCharacters, text.length)
    if (end < text.length) end = start + breakBefore(text.slice(start, end))
    const page = text.slice(start, end)
    start = end
    if (page.trim()) yield page.replace(/^\s*\n/, '').trimEnd()
  }
}

function breakBefore(window: string): number {
  const half = window.length / 2
  const heading = lastMatch(window, /\n(?=#{1,6} )/g)
  const paragraph = lastMatch(window, /\n[^\S\n]*\n/g)
  const line = window.lastIndexOf('\n')
  const sentence = lastMatch(window, /[.!?。！？]\s/g)
  const word = lastMatch(window, /\s/g)
  for (const at of [heading, paragraph, line, sentence, word]) if (at > half) return at + 1
  const last = window.charCodeAt(window.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? window.length - 1 : window.length
}

const lastMatch = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].at(-1)?.index ?? -1

/** What the database cannot hold, and what only makes text longer. The offsets of citations count after this. */
export function cleanText(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      .replaceAll('\0', '')
      .replace(/[\uFEFF\u00AD]/g, '')
      // From where blanks begin alone: from each of them, it would take the square of their number.
      .replace(/(?<![^\S\n\t])[^\S\n\t]+$/gm, '')
      .replace(/\n{4,}/g, '\n\n\n')
      .toWellFormed()
  )
}
