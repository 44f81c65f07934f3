import { cellText, type TypedTable } from './typed-table.ts'
import type { Cell } from './raw-table.ts'

/** Up to so many rows each is a passage of its own; of longer tables several rows share one. */
const rowsForThemselves = 2_000
const passageCharacters = 900
const pageCharacters = 3_000

interface TablePage {
  text: string
  /** Where rows begin in the text; rows count from 0. */
  places: { row: number; offset: number }[]
}

/**
 * A table as pages of text. Blank lines part the passages: what the table is, then its rows, each in a line that says
 * what is in which column, so that a row which is found alone can be understood.
 */
export function* tablePages(table: TypedTable, title: string): Generator<TablePage> {
  let text = introduction(table, title)
  let places: TablePage['places'] = []
  const isLong = table.body.length > rowsForThemselves
  let passage = 0
  for (const [row, cells] of table.body.entries()) {
    const line = rowText(table, cells)
    if (line === '') continue
    if (text.length + line.length > pageCharacters && places.length > 0) {
      yield { text, places }
      ;[text, places, passage] = ['', [], 0]
    }
    const isSamePassage = isLong && places.length > 0 && passage + line.length <= passageCharacters
    const gap = text === '' ? '' : isSamePassage ? '\n' : '\n\n'
    passage = isSamePassage ? passage + line.length + 1 : line.length
    text += gap
    places.push({ row, offset: text.length })
    text += line
  }
  yield { text, places }
}

function introduction({ description, preamble, hasHeader }: TypedTable, title: string): string {
  const { sheet, isHidden, rows, columns, notes } = description
  const name = sheet === null ? title : `${sheet}${isHidden ? ' (a hidden sheet)' : ''}`
  const about = `${rows} ${rows === 1 ? 'row' : 'rows'}, ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`
  const lines = [
    ...(sheet === null ? [] : [`# ${name}`]),
    ...preamble.slice(0, 20),
    `Table ${name}: ${about}${hasHeader ? `: ${columns.map((column) => column.name).join(', ')}` : ''}.`,
    ...notes.map((note) => `${note}.`),
  ]
  return lines.join('\n').slice(0, 2_000).toWellFormed()
}

function rowText({ hasHeader, description: { columns }, shares }: TypedTable, cells: readonly Cell[]): string {
  const parts = cells.flatMap((cell, column) => {
    if (cell === null) return []
    const { name } = columns[column]!
    const shown =
      typeof cell === 'number' && shares.has(column)
        ? `${Number((cell * 100).toPrecision(12))}%`
        : cellText(cell).replace(/\s+/g, ' ')
    return hasHeader ? `${name}: ${shown}` : shown
  })
  return parts.join(hasHeader ? '; ' : ' | ')
}
