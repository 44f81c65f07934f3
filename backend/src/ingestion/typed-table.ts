import type { ColumnType, TableColumn, TableDescription } from '../ports/database/tables-port.ts'
import { type DayOrder, dayOrderOf, isBlank, isBlankText, readBoolean, readDate, readNumber } from './cell-values.ts'
import type { Cell, RawTable } from './raw-table.ts'

export type StoredValue = null | number | bigint | string

export interface TypedTable {
  description: TableDescription
  hasHeader: boolean
  /** What stood above the table: its title, who made it. */
  preamble: string[]
  /** Every row of the table, its totals at the end included. */
  body: Cell[][]
  /** How many of them count; a row of totals does not. */
  counted: number
  /** Columns whose fractions are shown, and kept, as percentages. */
  shares: ReadonlySet<number>
  valuesOf(row: readonly Cell[]): StoredValue[]
}

/** Distinct values are counted up to here; more are "many". */
export const distinctAtMost = 20_000
const sampleCells = 1_000
/** A column may have so many cells of another kind before it is text. */
const straysAtMost = 0.05

export function typeTable(raw: RawTable, number: number): TypedTable | undefined {
  const filled = raw.rows.filter((row) => row.some((cell) => cell !== null))
  if (filled.length === 0) return undefined
  const start = firstRow(filled)
  const preamble = filled
    .slice(0, start)
    .map((row) => row.flatMap((cell) => (cell === null ? [] : cellText(cell))).join(' '))
  const table = filled.slice(start)
  const width = table.reduce((most, row) => Math.max(most, row.length), 0)
  const used = Array.from({ length: width }, (_, column) => column).filter((column) =>
    table.some((row) => (row[column] ?? null) !== null),
  )
  const narrow = table.map((row) => used.map((column) => row[column] ?? null))
  const hasHeader = isHeader(narrow)
  const body = hasHeader ? narrow.slice(1) : narrow
  const counted = body.length - (isTotals(body) ? 1 : 0)
  const names = columnNames(hasHeader ? narrow[0]! : narrow[0]!.map(() => null))
  const notes: string[] = []
  if (counted < body.length) notes.push('The last row holds totals and is not counted')
  const hint = raw.decimalComma ?? false
  const isComma = usesComma(body, counted, hint)
  const columns = names.map((name, index) =>
    readColumn({ name, index, body, counted, isComma, shownUnit: raw.units.get(used[index]!), notes }),
  )
  return {
    description: {
      number,
      sheet: raw.sheet,
      isHidden: raw.isHidden,
      rows: counted,
      columns: columns.map(({ column }) => column),
      notes,
    },
    hasHeader,
    preamble,
    body,
    counted,
    shares: new Set(used.flatMap((column, index) => (raw.units.get(column) === '%' ? [index] : []))),
    valuesOf: (row) => columns.map(({ convert }, index) => convert(row[index] ?? null)),
  }
}

export function cellText(cell: Exclude<Cell, null>): string {
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return typeof cell === 'object' ? cell.date : String(cell)
}

/** Titles and notes stand above many tables: the table begins with the first row that is nearly as wide as most. */
function firstRow(rows: readonly Cell[][]): number {
  const widths = rows.slice(0, 200).map((row) => row.filter((cell) => cell !== null).length)
  const usual = widths.toSorted((a, b) => a - b)[Math.floor(widths.length / 2)]!
  const at = widths.slice(0, 20).findIndex((width) => width >= Math.max(1, usual * 0.6))
  return Math.max(0, at)
}

const isTexty = (cell: Cell): boolean =>
  typeof cell === 'string' &&
  readNumber(cell, false) === undefined &&
  readDate(cell, 'dmy') === undefined &&
  !isBlank(cell)
const isYear = (cell: Cell): boolean => /^(?:19|20)\d\d$/.test(cell === null ? '' : cellText(cell))

/** The first row names the columns when it is all words and what is below is not, or when it looks like names. */
function isHeader(rows: readonly Cell[][]): boolean {
  const [head, ...below] = rows.slice(0, 50)
  const given = head!.filter((cell) => cell !== null)
  if (below.length === 0 || given.length === 0) return false
  if (!head!.every((cell, column) => cell === null || isTexty(cell) || (column > 0 && isYear(cell)))) return false
  const texts = given.map((cell) => cellText(cell).toLowerCase())
  if (new Set(texts).size < texts.length) return false
  const hasContrast = head!.some((cell, column) => {
    const cells = below.map((row) => row[column] ?? null).filter((value) => value !== null)
    return isTexty(cell) && cells.length > 0 && cells.filter((value) => !isTexty(value)).length > cells.length / 2
  })
  // Names of columns are short and are no sentences, nor do they come again below.
  const looksNamed = texts.every((text) => text.length <= 40 && !/[,;.!?]/.test(text) && text.split(/\s+/).length <= 4)
  const comesAgain = head!.some((cell, column) => cell !== null && below.some((row) => row[column] === cell))
  return hasContrast || (looksNamed && !comesAgain)
}

function columnNames(head: readonly Cell[]): string[] {
  const taken = new Set<string>()
  return head.map((cell, index) => {
    const given = cell === null ? '' : cellText(cell).replace(/\s+/g, ' ').trim().slice(0, 100).toWellFormed()
    const name = given || `Column ${index + 1}`
    let unique = name
    for (let again = 2; taken.has(unique.toLowerCase()); again++) unique = `${name} (${again})`
    taken.add(unique.toLowerCase())
    return unique
  })
}

const totals =
  /^(?:grand\s+)?(?:total|totals|sum|summe|gesamt|insgesamt|gesamtsumme|totale|totaux|somme|suma)\b[:\s]*$/i

function isTotals(body: readonly Cell[][]): boolean {
  const last = body.at(-1)
  if (body.length < 3 || !last) return false
  const first = last.find((cell) => cell !== null)
  const words = last.filter((cell) => typeof cell === 'string' && readNumber(cell, false) === undefined)
  return (
    typeof first === 'string' &&
    totals.test(first) &&
    words.length === 1 &&
    last.some((cell) => cell !== null && cell !== first)
  )
}

/** What one column leaves open, such as 1.234, the others often show. */
function usesComma(body: readonly Cell[][], counted: number, hint: boolean): boolean {
  let [commas, points] = [0, 0]
  for (let at = 0; at < Math.min(counted, 2_000); at++) {
    for (const cell of body[at]!) {
      if (typeof cell !== 'string') continue
      const read = readNumber(cell, hint)
      if (read?.comma === true) commas++
      else if (read?.comma === false) points++
    }
  }
  return commas === points ? hint : commas > points
}

interface Given {
  name: string
  index: number
  body: readonly Cell[][]
  counted: number
  isComma: boolean
  shownUnit: string | undefined
  notes: string[]
}

type Convert = (cell: Cell) => StoredValue

function readColumn(given: Given): { column: TableColumn; convert: Convert } {
  const { name, index, body, counted, notes } = given
  const order = dayOrder(given)
  const type = typeOf(given, order)
  const unit = unitOf(given, type)
  const { convert, decimals } = converterFor(given, type, order)
  const distinct = new Set<StoredValue>()
  let [empty, strays, big] = [0, 0, 0n]
  for (let at = 0; at < counted; at++) {
    const cell = body[at]![index] ?? null
    const value = convert(cell)
    if (value === null) {
      empty++
      if (cell !== null && !isBlank(cellText(cell))) strays++
    } else if (distinct.size <= distinctAtMost) distinct.add(value)
    if (typeof value === 'bigint') big = value > big ? value : -value > big ? -value : big
  }
  // Numbers that no computer adds are names of something.
  const isHuge = type === 'number' && big > 2n ** 62n
  if (strays > 0)
    notes.push(
      `${strays} ${strays === 1 ? 'cell' : 'cells'} of ${name} could not be read as a ${type} and count as empty`,
    )
  const samples = [...distinct].slice(0, 8).map((value) => String(value).slice(0, 60))
  return {
    column: {
      name,
      type: isHuge ? 'text' : type,
      unit: isHuge ? null : unit,
      decimals: type === 'number' ? decimals() : 0,
      empty,
      strays,
      distinct: distinct.size,
      samples: type === 'number' ? [] : samples,
    },
    convert: isHuge ? asText : convert,
  }
}

function* stringsOf({ body, index, counted }: Given, atMost: number): Generator<string> {
  let seen = 0
  for (let at = 0; at < counted && seen < atMost; at++) {
    const cell = body[at]![index]
    if (typeof cell !== 'string') continue
    seen++
    yield cell
  }
}

function dayOrder(given: Given): DayOrder {
  const seen = { dmy: 0, mdy: 0, either: 0 }
  for (const text of stringsOf(given, Infinity)) {
    // The first cells show whether these are dates at all.
    const order = dayOrderOf(text)
    if (order) seen[order]++
    else if (seen.dmy + seen.mdy + seen.either === 0) break
    if (seen.dmy + seen.mdy > 50) break
  }
  if (seen.dmy + seen.mdy > 0) return seen.dmy >= seen.mdy ? 'dmy' : 'mdy'
  const order = given.isComma ? 'dmy' : 'mdy'
  if (seen.either > 0)
    given.notes.push(
      `Dates of ${given.name} are read as ${order === 'dmy' ? 'day/month/year' : 'month/day/year'}; nothing in the column shows which it is`,
    )
  return order
}

function typeOf(given: Given, order: DayOrder): ColumnType {
  const seen = { number: 0, date: 0, boolean: 0, text: 0 }
  const units = new Set<string>()
  let isCode = false
  for (let at = 0, looked = 0; at < given.counted && looked < sampleCells * 20; at++) {
    const cell = given.body[at]![given.index] ?? null
    if (cell === null || (typeof cell === 'string' && isBlank(cell))) continue
    looked++
    if (typeof cell === 'object') seen.date++
    else if (typeof cell === 'number') seen.number++
    else if (typeof cell === 'boolean') seen.boolean++
    else {
      const number = readNumber(cell, given.isComma)
      if (number) {
        seen.number++
        if (number.unit !== null) units.add(number.unit)
      } else if (readDate(cell, order) !== undefined) seen.date++
      else if (readBoolean(cell) !== undefined) seen.boolean++
      else {
        seen.text++
        if (/^0\d+$/.test(cell)) isCode = true
      }
    }
    if (looked === sampleCells && seen.text > looked / 2) return 'text'
  }
  const total = seen.number + seen.date + seen.boolean + seen.text
  if (total === 0 || isCode) return 'text'
  for (const type of ['number', 'date', 'boolean'] as const) {
    if (seen[type] < total * (1 - straysAtMost)) continue
    // Euros and dollars, or kilograms and pounds, in one column cannot be added.
    if (type === 'number' && units.size > 1) {
      given.notes.push(
        `${given.name} has different units (${[...units].slice(0, 5).join(', ')}), so nothing is calculated with it`,
      )
      return 'text'
    }
    return type
  }
  return 'text'
}

function unitOf(given: Given, type: ColumnType): string | null {
  if (type !== 'number') return null
  if (given.shownUnit !== undefined) return given.shownUnit
  for (const text of stringsOf(given, sampleCells)) {
    const unit = readNumber(text, given.isComma)?.unit
    if (unit) return unit
  }
  return /[([]\s*([^)\]\d]{1,8}?)\s*[)\]]\s*$/.exec(given.name)?.[1] ?? (/%\s*$/.test(given.name) ? '%' : null)
}

function converterFor(given: Given, type: ColumnType, order: DayOrder): { convert: Convert; decimals(): number } {
  let most = 0
  // A share is kept as it is shown: 25 for 25 %.
  const scale = given.shownUnit === '%' ? 100 : 1
  const converters: Record<ColumnType, Convert> = {
    text: asText,
    boolean(cell) {
      const value = typeof cell === 'string' ? readBoolean(cell) : cell
      return typeof value === 'boolean' ? (value ? 1 : 0) : null
    },
    date: (cell) =>
      cell !== null && typeof cell === 'object'
        ? cell.date
        : typeof cell === 'string'
          ? (readDate(cell, order) ?? null)
          : null,
    number(cell) {
      if (typeof cell === 'number') {
        const value = scale === 1 ? cell : Number((cell * scale).toPrecision(14))
        most = Math.max(most, decimalsOf(value))
        return Number.isSafeInteger(value) ? BigInt(value) : value
      }
      const read = typeof cell === 'string' ? readNumber(cell, given.isComma) : undefined
      if (!read) return null
      most = Math.max(most, read.decimals)
      if (read.decimals === 0 && /^-?\d+$/.test(read.digits)) return BigInt(read.digits)
      return Number(read.digits)
    },
  }
  return { convert: converters[type], decimals: () => Math.min(most, 10) }
}

const asText: Convert = (cell) => {
  if (cell === null) return null
  const text = cellText(cell)
  return isBlankText(text) ? null : text
}

function decimalsOf(value: number): number {
  const text = String(value)
  if (text.includes('e')) return 10
  const at = text.indexOf('.')
  return at === -1 ? 0 : text.length - at - 1
}
