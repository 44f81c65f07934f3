import { NitroError } from '@nitroagi/shared/errors'

/** Dates travel as ISO text with what they are. */
export type Cell = null | string | number | boolean | { date: string }

/** A table as its file has it: nothing guessed about its columns yet, its first rows perhaps not of the table at all. */
export interface RawTable {
  sheet: string | null
  isHidden: boolean
  rows: Cell[][]
  /** How a column's numbers are shown, where the file says so: "%", "€". */
  units: Map<number, string>
  /** Numbers are written with a decimal comma, where the file's own habits show it. */
  decimalComma: boolean | undefined
}

export const tableLimits = { rows: 200_000, columns: 500, cells: 4_000_000, cellCharacters: 20_000, sheets: 100 }

/** Counts while a table is read, so that one that is too large is given up before it fills the memory. */
export function createTableMeter(what: string, goOn: () => void) {
  let rows = 0
  let cells = 0
  return (width: number): void => {
    rows++
    if (rows % 5_000 === 0) goOn()
    cells += width
    if (rows > tableLimits.rows) throw tooLarge(`${what} has more than ${tableLimits.rows.toLocaleString('en')} rows`)
    if (width > tableLimits.columns) throw tooLarge(`${what} has more than ${tableLimits.columns} columns`)
    if (cells > tableLimits.cells)
      throw tooLarge(`${what} has more than ${tableLimits.cells.toLocaleString('en')} cells`)
  }
}

const tooLarge = (why: string) =>
  new NitroError('document_too_large', `The table cannot be taken in, because ${why}. Cut it into several files.`)

/** What a database or a screen cannot hold goes; a cell that is a book is cut. */
export function cleanCell(text: string): string | null {
  const clean = text
    .slice(0, tableLimits.cellCharacters)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff\u00ad]/g, '')
    .trim()
    .toWellFormed()
  return clean === '' ? null : clean
}
