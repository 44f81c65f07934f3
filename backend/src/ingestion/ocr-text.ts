import type { PictureText } from '../ports/ocr/port.ts'
import { createTextBuilder, type MarkedText } from './marked-text.ts'

/** Lines that stand apart by so many of their heights begin a paragraph. */
const paragraphGap = 0.9

/** The letters of a picture as a page's text, each word with its place. */
export function ocrText(read: PictureText, size: { width: number; height: number }): MarkedText {
  const builder = createTextBuilder()
  let above: { bottom: number; height: number } | undefined
  read.lines.forEach((line, index) => {
    const words = (read.words ?? []).filter((word) => word.line === index)
    const top = Math.min(...words.map(({ y }) => y))
    const bottom = Math.max(...words.map(({ y, height }) => y + height))
    const isApart = above !== undefined && top - above.bottom > paragraphGap * Math.max(above.height, bottom - top)
    builder.lines(isApart ? 2 : 1)
    let at = 0
    for (const word of words) {
      builder.add(line.slice(at, word.start))
      builder.add(line.slice(word.start, word.end), {
        x: word.x / size.width,
        y: word.y / size.height,
        width: word.width / size.width,
        height: word.height / size.height,
      })
      at = word.end
    }
    builder.add(line.slice(at))
    above = words.length > 0 ? { bottom, height: bottom - top } : undefined
  })
  return builder.finish()
}
