import { sentencesOf } from '../sentences.ts'

/** The first piece is short, so that the voice begins soon. */
const firstCharacters = 300

/**
 * What is left of an answer when it is read aloud: no marks of formatting, no numbers of sources, no code. Each pattern looks
 * at a text of any kind in a time that grows with its length alone, for what it says is a model's or a stranger's.
 */
export const spokenText = (markdown: string): string =>
  markdown
    .replace(/^(`{3,}(?!`)|~{3,}(?!~))[^\n]*\n[^]*?(?:^\1[^\n]*$|$(?![^]))/gm, '')
    .replace(/^(?:[^\S\n]|[:|-])+$/gm, (line) => (line.includes('---') ? '' : line))
    .replace(/\s?\[\d{1,3}\](?:\[\d{1,3}\])*(?!\()/g, '')
    .replace(/!?\[([^[\]\n]{0,500})\]\([^)\n]{0,2000}\)/g, '$1')
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d{1,3}[.)])\s+/gm, '')
    .replace(/(\*\*|__|~~|`)(?=\S)([^\n]{0,1000}?\S)\1/g, '$2')
    .replace(/(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])/g, '$1')
    .replace(/(?:(?<!\s)\s+)?\|\s*/g, ' ')
    .replace(/[ \t]+/g, ' ')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Cut between sentences, a short one first, each of at most so many characters. */
export function piecesOf(text: string, atMost: number): string[] {
  const pieces: string[] = []
  let open = ''
  const close = () => {
    if (open.trim() !== '') pieces.push(open.trim())
    open = ''
  }
  for (const { start, end } of sentencesOf(text)) {
    const sentence = text.slice(start, end)
    const room = pieces.length === 0 ? Math.min(firstCharacters, atMost) : atMost
    if (open !== '' && open.length + 1 + sentence.length > room) close()
    for (let at = 0; at < sentence.length; at += atMost) {
      const part = sentence.slice(at, at + atMost)
      if (open !== '' && open.length + 1 + part.length > atMost) close()
      open = open === '' ? part : `${open} ${part}`
    }
  }
  close()
  return pieces
}
