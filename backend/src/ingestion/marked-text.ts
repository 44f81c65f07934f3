/** A place on a page, in fractions of its width and height from the upper left corner. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Which way the letters of a span run inside its box. */
export type Flow = 'right' | 'left' | 'down' | 'up'

interface Span {
  start: number
  end: number
  box: Box
  flow: Flow
}

/** Text that knows where on its page each of its pieces stands. */
export interface MarkedText {
  text: string
  spans: readonly Span[]
}

export type TextBuilder = ReturnType<typeof createTextBuilder>

/** Joins pieces so that the text needs no tidying afterwards, which would move every place in it. */
export function createTextBuilder() {
  let text = ''
  const spans: Span[] = []

  function cutTo(length: number): void {
    text = text.slice(0, length)
    for (let last = spans.at(-1); last && last.end > length; last = spans.at(-1)) {
      if (last.start < length) {
        last.end = length
        break
      }
      spans.pop()
    }
  }

  return {
    /** Without what the database cannot hold; nothing of it is between lines. */
    add(piece: string, box?: Box, flow: Flow = 'right'): void {
      const clean = piece.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFEFF\u00AD]/g, '').toWellFormed()
      if (clean === '') return
      if (box) spans.push({ start: text.length, end: text.length + clean.length, box, flow })
      text += clean
    },
    space(): void {
      if (text !== '' && !/\s$/.test(text)) text += ' '
    },
    /** Nothing is there yet, or a blank line is the last. */
    endsParagraph: () => text === '' || text.endsWith('\n\n'),
    /** One to end the line, two to end the paragraph; never more. */
    lines(count: 1 | 2): void {
      cutTo(text.trimEnd().length)
      if (text !== '') text += '\n'.repeat(count)
    },
    /** A word that was cut at the end of a line is one word. */
    joinHyphen(): boolean {
      if (!/\p{Ll}-\s*$/u.test(text)) return false
      cutTo(text.trimEnd().length - 1)
      return true
    },
    finish(): MarkedText {
      cutTo(text.trimEnd().length)
      return { text, spans }
    },
  }
}

/** Where these characters stand, a box a line; empty when nobody knows. */
export function boxesOf({ spans }: MarkedText, start: number, end: number): Box[] {
  const boxes: Box[] = []
  for (const span of spans) {
    const from = Math.max(start, span.start)
    const to = Math.min(end, span.end)
    if (from >= to) continue
    const box = partOf(span, from, to)
    const last = boxes.at(-1)
    if (last && isSameLine(last, box)) boxes[boxes.length - 1] = around(last, box)
    else boxes.push(box)
  }
  return boxes
}

/** Letters differ in width; for a mark it is enough to take them as equal. */
function partOf({ start, end, box, flow }: Span, from: number, to: number): Box {
  const [first, size] = [(from - start) / (end - start), (to - from) / (end - start)]
  const before = flow === 'right' || flow === 'down' ? first : 1 - first - size
  return flow === 'right' || flow === 'left'
    ? { ...box, x: box.x + box.width * before, width: box.width * size }
    : { ...box, y: box.y + box.height * before, height: box.height * size }
}

function isSameLine(one: Box, other: Box): boolean {
  const overlap = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
  const gap = Math.max(one.x, other.x) - Math.min(one.x + one.width, other.x + other.width)
  return overlap > Math.min(one.height, other.height) * 0.6 && gap < Math.max(one.height, other.height) * 2
}

function around(one: Box, other: Box): Box {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)]
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  }
}
