import { NitroError } from '@nitroagi/shared/errors'
import { readCsv } from './csv.ts'
import { type TypedTable, typeTable } from './typed-table.ts'
import { readXlsx } from './xlsx.ts'

export const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export type TableType = 'text/csv' | typeof workbookType

export const isTableType = (type: string): type is TableType => type === 'text/csv' || type === workbookType

/** The tables of a file, one after the other; those without a cell are left out and keep their number. */
export async function* readTables(path: string, type: TableType, goOn: () => void): AsyncGenerator<TypedTable> {
  const raw = type === 'text/csv' ? [await readCsv(path, goOn)] : await readXlsx(path, goOn)
  let found = 0
  for (const [index, table] of raw.entries()) {
    // A long table is read in one go; whoever watches shall not take that for standing still.
    goOn()
    const typed = typeTable(table, index + 1)
    goOn()
    // What was typed keeps its own rows; the others need the memory.
    raw[index] = { ...table, rows: [] }
    if (!typed) continue
    found++
    yield typed
  }
  if (found === 0) throw new NitroError('document_no_text', 'There is not a single filled cell in this file')
}
