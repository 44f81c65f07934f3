import { type Box, createTextBuilder, type Flow, type MarkedText, type TextBuilder } from './marked-text.ts'
import type { PdfPage } from './pdf-file.ts'

/** A piece of text where the file draws it. `along` is measured in the direction of its writing, `across` beside that. */
interface Piece {
  text: string
  along: number
  across: number
  length: number
  height: number
  direction: string
  box: Box
  flow: Flow
  /** White space stood before it. */
  isSpaced: boolean
}

interface Line {
  pieces: Piece[]
  /** A paragraph ended before it. */
  isApart: boolean
}

/** A heading's letters are so much larger than most of the page's. */
const headingSize = 1.2
const headingCharacters = 160
/** In heights of letters: where words part, and where columns do. */
const wordGap = 0.15
const columnGap = 1
const rowsOfATable = 3

/** The page's text in the order that the file draws it: headings, paragraphs, rows of tables, and its form's values. */
export async function pdfText(page: PdfPage): Promise<MarkedText> {
  const lines = linesOf(await piecesOf(page))
  const builder = createTextBuilder()
  const body = bodyHeight(lines)
  for (let at = 0; at < lines.length;) {
    const rows = tableFrom(lines, at)
    if (rows >= rowsOfATable) writeTable(builder, lines.slice(at, at + rows))
    at += rows >= rowsOfATable ? rows : writeLine(builder, lines, at, body)
  }
  const fields = await fieldsOf(page)
  if (fields.length > 0) builder.lines(2)
  for (const field of fields) {
    builder.lines(1)
    builder.add(field.text, field.box)
  }
  return builder.finish()
}

interface Item {
  str: string
  dir: string
  transform: number[]
  width: number
  height: number
  hasEOL: boolean
  fontName: string
}

/** Line ends that the file itself says come as 'end'. */
async function piecesOf(page: PdfPage): Promise<(Piece | 'end')[]> {
  const { items, styles } = await page.getTextContent()
  const toFractions = fractionsOn(page)
  const pieces: (Piece | 'end')[] = []
  let isSpaced = false
  for (const item of items as Item[]) {
    if (typeof item.str !== 'string') continue
    if (item.str.trim() !== '') {
      const style = styles[item.fontName] as { ascent?: number; descent?: number; vertical?: boolean } | undefined
      pieces.push({ ...placeOf(item, style, toFractions), isSpaced: isSpaced || /^\s/.test(item.str) })
      isSpaced = /\s$/.test(item.str)
    } else if (item.str !== '') isSpaced = true
    if (item.hasEOL) pieces.push('end')
  }
  return pieces
}

type Point = readonly [number, number]

function fractionsOn(page: PdfPage): (corners: readonly Point[]) => Box {
  const viewport = page.getViewport({ scale: 1 })
  return (corners) => {
    const points = corners.map(([x, y]) => viewport.convertToViewportPoint(x, y) as [number, number])
    const xs = points.map(([x]) => between01(x / viewport.width))
    const ys = points.map(([, y]) => between01(y / viewport.height))
    const [x, y] = [Math.min(...xs), Math.min(...ys)]
    return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
  }
}

const between01 = (value: number) => Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0))

function placeOf(
  item: Item,
  style: { ascent?: number; descent?: number; vertical?: boolean } | undefined,
  toFractions: (corners: readonly Point[]) => Box,
): Omit<Piece, 'isSpaced'> {
  const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = item.transform
  const isDown = style?.vertical ?? false
  const size = (isDown ? Math.hypot(c, d) : Math.hypot(a, b)) || 1
  const [ux, uy] = isDown ? [-c / size, -d / size] : [a / size, b / size]
  const [nx, ny] = [-uy, ux]
  const length = isDown ? item.height : item.width
  const height = Math.max(isDown ? item.width : item.height, 1)
  const [low, high] = isDown ? [-0.5, 0.5] : [style?.descent || -0.25, style?.ascent || 0.9]
  const corner = (along: number, up: number): Point => [
    x + ux * along + nx * up * height,
    y + uy * along + ny * up * height,
  ]
  return {
    text: item.str,
    along: x * ux + y * uy,
    across: x * nx + y * ny,
    length,
    height,
    direction: `${Math.round(ux * 10)},${Math.round(uy * 10)}`,
    box: toFractions([corner(0, low), corner(0, high), corner(length, low), corner(length, high)]),
    flow: flowOf(toFractions([corner(0, 0)]), toFractions([corner(length, 0)]), item.dir === 'rtl'),
  }
}

/** On the picture, which may be turned; what is written from right to left begins at the other end. */
function flowOf(from: Box, to: Box, isBackward: boolean): Flow {
  const [dx, dy] = isBackward ? [from.x - to.x, from.y - to.y] : [to.x - from.x, to.y - from.y]
  if (Math.abs(dx) >= Math.abs(dy)) return dx >= 0 ? 'right' : 'left'
  return dy >= 0 ? 'down' : 'up'
}

function linesOf(pieces: readonly (Piece | 'end')[]): Line[] {
  const lines: Line[] = []
  let last: Piece | undefined
  let hasEnded = true
  for (const piece of pieces) {
    if (piece === 'end') {
      hasEnded = true
      continue
    }
    const gap = last ? gapOf(last, piece) : 0
    if (hasEnded || gap > 0.6) lines.push({ pieces: [piece], isApart: gap > 1.8 })
    else lines.at(-1)!.pieces.push(piece)
    last = piece
    hasEnded = false
  }
  return lines
}

/** How far beside the last piece this one stands, in heights of its letters. */
const gapOf = (last: Piece, piece: Piece) =>
  last.direction === piece.direction
    ? Math.abs(last.across - piece.across) / Math.max(last.height, piece.height)
    : Infinity

/** Between two pieces of a line, in heights of its letters. Some files draw from right to left. */
function blankBetween(last: Piece, piece: Piece): number {
  const ahead = piece.along - (last.along + last.length)
  const behind = last.along - (piece.along + piece.length)
  const height = Math.max(last.height, piece.height)
  return (piece.along >= last.along ? ahead : behind) / height
}

const isWordGap = (last: Piece, piece: Piece) => piece.isSpaced || Math.abs(blankBetween(last, piece)) > wordGap

/** Of most letters on the page; undefined when there are too few to say. */
function bodyHeight(lines: readonly Line[]): number | undefined {
  const counts = new Map<number, number>()
  for (const { pieces } of lines) {
    for (const { height, text } of pieces) {
      const size = Math.round(height * 2) / 2
      counts.set(size, (counts.get(size) ?? 0) + text.length)
    }
  }
  const [most] = [...counts].sort((one, other) => other[1] - one[1])
  return most && most[1] >= 100 ? most[0] : undefined
}

const isHeading = ({ pieces }: Line, body: number | undefined) =>
  body !== undefined &&
  pieces.every(({ height }) => height >= body * headingSize) &&
  /\p{L}{2}/u.test(textOf(pieces)) &&
  textOf(pieces).length <= headingCharacters

const textOf = (pieces: readonly Piece[]) => pieces.map(({ text }) => text).join(' ')

/** Gives how many lines it took: a heading may go over several. */
function writeLine(builder: TextBuilder, lines: readonly Line[], at: number, body: number | undefined): number {
  const line = lines[at]!
  if (isHeading(line, body)) {
    let taken = 1
    while (taken < 4 && lines[at + taken] && continuesHeading(lines[at + taken - 1]!, lines[at + taken]!, body)) taken++
    builder.lines(2)
    builder.add('## ')
    for (const part of lines.slice(at, at + taken)) {
      builder.space()
      writePieces(builder, part.pieces)
    }
    builder.lines(2)
    return taken
  }
  const first = line.pieces[0]!.text
  if (line.isApart) builder.lines(2)
  else if (!(/^\p{Ll}/u.test(first) && builder.joinHyphen())) breakLine(builder)
  writePieces(builder, line.pieces)
  return 1
}

function continuesHeading(before: Line, line: Line, body: number | undefined): boolean {
  const [last, piece] = [before.pieces.at(-1)!, line.pieces[0]!]
  return isHeading(line, body) && !line.isApart && Math.abs(last.height - piece.height) < 0.5
}

/** A paragraph that has ended stays ended. */
const breakLine = (builder: TextBuilder) => !builder.endsParagraph() && builder.lines(1)

function writePieces(builder: TextBuilder, pieces: readonly Piece[]): void {
  pieces.forEach((piece, index) => {
    const last = pieces[index - 1]
    if (last && isWordGap(last, piece)) builder.space()
    builder.add(piece.text, piece.box, piece.flow)
  })
}

/** The line's pieces, parted where the blank is wider than between words. */
function cellsOf({ pieces }: Line): Piece[][] {
  const cells: Piece[][] = []
  pieces.forEach((piece, index) => {
    const last = pieces[index - 1]
    if (!last || blankBetween(last, piece) > columnGap) cells.push([piece])
    else cells.at(-1)!.push(piece)
  })
  return cells
}

/** How many lines from here on have cells that stand below one another. */
function tableFrom(lines: readonly Line[], at: number): number {
  let rows = 0
  let above: Piece[][] | undefined
  for (let line = lines[at]; line; line = lines[at + rows]) {
    const cells = cellsOf(line)
    if (cells.length < 2 || (above && !isAligned(above, cells))) break
    above = cells
    rows++
  }
  return rows
}

/** At least two columns begin or end in one line. */
function isAligned(above: Piece[][], cells: Piece[][]): boolean {
  const edges = (row: Piece[][]) =>
    row.map((cell) => ({ from: cell[0]!.along, to: cell.at(-1)!.along + cell.at(-1)!.length }))
  const upper = edges(above)
  const slack = cells[0]![0]!.height * 0.6
  const shared = edges(cells).filter(({ from, to }) =>
    upper.some((other) => Math.abs(other.from - from) < slack || Math.abs(other.to - to) < slack),
  )
  return shared.length >= 2
}

function writeTable(builder: TextBuilder, lines: readonly Line[]): void {
  builder.lines(2)
  for (const line of lines) {
    breakLine(builder)
    cellsOf(line).forEach((cell, index) => {
      if (index > 0) builder.add(' | ')
      writePieces(builder, cell)
    })
  }
  builder.lines(2)
}

/** What was filled into a form stands beside the page, not on it. */
async function fieldsOf(page: PdfPage): Promise<{ text: string; box: Box }[]> {
  const annotations = (await page.getAnnotations()) as {
    fieldName?: string
    fieldValue?: unknown
    fieldType?: string
    rect: [number, number, number, number]
  }[]
  const toFractions = fractionsOn(page)
  return annotations.flatMap(({ fieldType, fieldName, fieldValue, rect: [left, low, right, high] }) =>
    fieldType === 'Tx' && typeof fieldValue === 'string' && fieldValue.trim() !== ''
      ? [
          {
            text: `${fieldName}: ${fieldValue.trim()}`,
            box: toFractions([
              [left, low],
              [right, high],
            ]),
          },
        ]
      : [],
  )
}
