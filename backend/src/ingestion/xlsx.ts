import { NitroError } from '@nitroagi/shared/errors'
import { cleanCell, createTableMeter, type Cell, type RawTable, tableLimits } from './raw-table.ts'
import { attribute, xmlTokens } from './xml-tokens.ts'
import { withZip } from './zip.ts'

const zipLimits = { totalBytes: 300 * 1024 * 1024, partBytes: 150 * 1024 * 1024, parts: 20_000 }

/** The sheets of a workbook, with the values that its program computed last. */
export const readXlsx = (path: string, goOn: () => void): Promise<RawTable[]> =>
  withZip(path, 'workbook', zipLimits, async (zip) => {
    const workbook = await zip.text('xl/workbook.xml')
    if (workbook === '') throw new NitroError('document_corrupt', 'The workbook has lost the list of its sheets')
    const { sheets, is1904 } = sheetsOf(workbook, targetsOf(await zip.text('xl/_rels/workbook.xml.rels')))
    const book: Book = {
      strings: stringsOf(await zip.text('xl/sharedStrings.xml')),
      formats: formatsOf(await zip.text('xl/styles.xml')),
      is1904,
    }
    const tables: RawTable[] = []
    const meter = createTableMeter('it', goOn)
    for (const { name, path: at, isHidden } of sheets.slice(0, tableLimits.sheets)) {
      const xml = await zip.text(at)
      if (xml !== '') tables.push({ sheet: name, isHidden, decimalComma: undefined, ...readSheet(xml, book, meter) })
    }
    return tables
  })

type Format = { kind: 'date' | 'time' } | { kind: 'number'; unit?: string }

interface Book {
  strings: string[]
  formats: Format[]
  is1904: boolean
}

function targetsOf(rels: string): Map<string, string> {
  const targets = new Map<string, string>()
  for (const token of xmlTokens(rels)) {
    if (token.type !== 'open' || token.name !== 'Relationship') continue
    const target = attribute(token.attributes, 'Target') ?? ''
    targets.set(attribute(token.attributes, 'Id') ?? '', target.startsWith('/') ? target.slice(1) : `xl/${target}`)
  }
  return targets
}

function sheetsOf(workbook: string, targets: Map<string, string>) {
  const sheets: { name: string; path: string; isHidden: boolean }[] = []
  let is1904 = false
  for (const token of xmlTokens(workbook)) {
    if (token.type !== 'open') continue
    if (token.name === 'workbookPr') is1904 = /^(1|true)$/.test(attribute(token.attributes, 'date1904') ?? '')
    if (token.name !== 'sheet') continue
    const path = targets.get(attribute(token.attributes, 'id') ?? '') ?? `xl/worksheets/sheet${sheets.length + 1}.xml`
    const name = cleanCell(attribute(token.attributes, 'name') ?? '')?.slice(0, 100) ?? `Sheet ${sheets.length + 1}`
    sheets.push({ name, path, isHidden: (attribute(token.attributes, 'state') ?? 'visible') !== 'visible' })
  }
  return { sheets, is1904 }
}

function stringsOf(xml: string): string[] {
  const strings: string[] = []
  let open: string | undefined
  let isText = false
  let isReading = false
  for (const token of xmlTokens(xml)) {
    if (token.type === 'text') {
      if (isText && !isReading && open !== undefined && open.length < tableLimits.cellCharacters) open += token.text
    } else if (token.type === 'open') {
      if (token.name === 'si') {
        if (token.isEmpty) strings.push('')
        else open = ''
      }
      // How East Asian characters are read aloud stands beside them, and is no part of the text.
      if (token.name === 'rPh') isReading = !token.isEmpty
      if (token.name === 't') isText = !token.isEmpty
    } else if (token.name === 't') isText = false
    else if (token.name === 'rPh') isReading = false
    else if (token.name === 'si') {
      strings.push(open ?? '')
      open = undefined
    }
  }
  return strings
}

/** By the number of a cell's style: whether it shows a date, a share or money. */
function formatsOf(xml: string): Format[] {
  const codes = new Map<number, string>()
  const formats: Format[] = []
  let isCells = false
  for (const token of xmlTokens(xml)) {
    if (token.type === 'close' && token.name === 'cellXfs') isCells = false
    if (token.type !== 'open') continue
    if (token.name === 'numFmt')
      codes.set(Number(attribute(token.attributes, 'numFmtId')), attribute(token.attributes, 'formatCode') ?? '')
    if (token.name === 'cellXfs') isCells = true
    if (token.name === 'xf' && isCells) {
      const id = Number(attribute(token.attributes, 'numFmtId') ?? 0)
      formats.push(formatOf(id, codes.get(id)))
    }
  }
  return formats
}

function formatOf(id: number, code: string | undefined): Format {
  if (code === undefined) {
    if ((id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return { kind: 'date' }
    if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return { kind: 'time' }
    return id === 9 || id === 10 ? { kind: 'number', unit: '%' } : { kind: 'number' }
  }
  const unit = /[€$£¥]/.exec(code.replace(/\[\$([^\]-]*)[^\]]*\]/g, '$1'))?.[0]
  const bare = code.replace(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./g, '')
  if (bare.includes('%')) return { kind: 'number', unit: '%' }
  if (/[yd]/i.test(bare)) return { kind: 'date' }
  if (/[hs]/i.test(bare)) return { kind: 'time' }
  return unit === undefined ? { kind: 'number' } : { kind: 'number', unit }
}

function readSheet(xml: string, book: Book, meter: (width: number) => void): Pick<RawTable, 'rows' | 'units'> {
  const rows: Cell[][] = []
  const units = new Map<number, Map<string, number>>()
  let row: Cell[] = []
  let cell: { column: number; type: string; format: Format } | undefined
  let value = ''
  let isValue = false
  const endCell = () => {
    if (!cell) return
    const { column, type, format } = cell
    const read = cellOf(value, type, format, book)
    if (read !== null) {
      while (row.length < column) row.push(null)
      row[column] = read
      if (typeof read === 'number' && format.kind === 'number') {
        const seen = units.get(column) ?? new Map<string, number>()
        units.set(column, seen.set(format.unit ?? '', (seen.get(format.unit ?? '') ?? 0) + 1))
      }
    }
    cell = undefined
  }
  for (const token of xmlTokens(xml)) {
    if (token.type === 'text') {
      if (isValue && value.length < tableLimits.cellCharacters) value += token.text
    } else if (token.type === 'open') {
      if (token.name === 'row') row = []
      if (token.name === 'c') {
        const column = columnOf(attribute(token.attributes, 'r'), row.length)
        if (column >= 16_384) throw new NitroError('document_corrupt', 'A cell of the workbook stands nowhere')
        const format = book.formats[Number(attribute(token.attributes, 's') ?? 0)] ?? { kind: 'number' }
        cell = { column, type: attribute(token.attributes, 't') ?? 'n', format }
        value = ''
        if (token.isEmpty) endCell()
      }
      if ((token.name === 'v' || token.name === 't') && cell) isValue = !token.isEmpty
      if (token.name === 'sheetData' && token.isEmpty) break
    } else if (token.name === 'v' || token.name === 't') isValue = false
    else if (token.name === 'c') endCell()
    else if (token.name === 'row' && row.length > 0) {
      meter(row.length)
      rows.push(row)
    } else if (token.name === 'sheetData') break
  }
  const shown = [...units].flatMap(([column, seen]): [number, string][] => {
    const [unit] = [...seen].sort((a, b) => b[1] - a[1])[0]!
    return unit === '' ? [] : [[column, unit]]
  })
  return { rows, units: new Map(shown) }
}

/** "BC12" stands in column 54; a cell that says nothing comes after the one before. */
function columnOf(reference: string | undefined, next: number): number {
  const letters = /^\$?([A-Za-z]{1,3})/.exec(reference ?? '')?.[1]
  if (letters === undefined) return next
  let column = 0
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

function cellOf(value: string, type: string, format: Format, { strings, is1904 }: Book): Cell {
  switch (type) {
    case 's':
      return cleanCell(strings[Number(value)] ?? '')
    case 'str':
    case 'inlineStr':
      return cleanCell(value)
    case 'b':
      return value.trim() === '1'
    // #DIV/0! and its like are no values.
    case 'e':
      return null
    case 'd':
      return value === ''
        ? null
        : {
            date: value
              .slice(0, 19)
              .replace('T', ' ')
              .replace(/ 00:00:00$/, ''),
          }
    default: {
      const text = value.trim()
      const number = Number(text)
      if (text === '' || !Number.isFinite(number)) return text === '' ? null : cleanCell(text)
      if (format.kind === 'date') return dateOf(number, is1904) ?? number
      if (format.kind === 'time') return timeOf(number)
      return number
    }
  }
}

/** Days since the eve of 1900, in which Excel counts a 29 February that never was; or since 1904. */
function dateOf(serial: number, is1904: boolean): Cell {
  if (serial < 0 || serial > 2_958_466) return null
  const days = is1904 ? serial + 1_462 : serial < 60 ? serial + 1 : serial
  const at = new Date(Math.round((days - 25_569) * 86_400) * 1_000).toISOString()
  return { date: Number.isInteger(serial) ? at.slice(0, 10) : at.slice(0, 19).replace('T', ' ') }
}

/** Below a day it is a time of day, above it a length of time; both are kept as it is shown. */
function timeOf(serial: number): Cell {
  const seconds = Math.round(serial * 86_400)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
