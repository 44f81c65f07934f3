import type { SqlValue } from '../../ports/database/tables-port.ts'
import type { Condition, Output, Query } from './query.ts'

/** A result as people read it. */

export interface Outcome {
  statement: string
  value: string
  /** As shown in a table: numbers rounded to what they mean, text for the rest. */
  rows: (string | number | null)[][]
}

const rowsInWords = 10
const currencies = new Set(['$', '€', '£', '¥', '₹', 'US$', 'USD', 'EUR', 'GBP', 'CHF'])

export function outcomeOf(
  query: Query,
  outputs: readonly Output[],
  rows: readonly SqlValue[][],
  rowCount: number,
): Outcome {
  return {
    statement: statementOf(query, outputs),
    value: valueOf(query, outputs, rows, rowCount),
    rows: rows.map((row) => row.map((value, index) => shownValue(value, outputs[index]!))),
  }
}

/** Sums of decimals end where the column's digits end: no 0.30000000000000004. */
export function shownValue(value: SqlValue, { type, decimals }: Output): string | number | null {
  if (value === null) return null
  if (type === 'boolean') return Number(value) === 1 ? 'yes' : 'no'
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  return typeof value === 'number' ? Number(value.toFixed(Math.min(decimals, 12))) : value
}

function inWords(value: SqlValue, output: Output): string {
  const shown = shownValue(value, output)
  if (shown === null) return 'none'
  if (output.type !== 'number') return String(shown)
  const { unit, decimals, isPlain } = output
  const isMoney = unit !== null && currencies.has(unit)
  const digits =
    typeof shown === 'string'
      ? BigInt(shown).toLocaleString('en')
      : shown.toLocaleString('en', {
          maximumFractionDigits: Math.min(decimals, 12),
          minimumFractionDigits: isMoney ? Math.min(decimals, 2) : 0,
          useGrouping: !isPlain,
        })
  const amount =
    unit === null
      ? digits
      : isMoney && unit.length === 1
        ? `${shown.toString().startsWith('-') ? '-' : ''}${unit}${digits.replace(/^-/, '')}`
        : unit === '%'
          ? `${digits}%`
          : `${digits} ${unit}`
  const isExact =
    typeof value !== 'number' || typeof shown !== 'number' || Math.abs(value - shown) <= Math.abs(value) * 1e-10
  return output.isRounded && !isExact ? `≈ ${amount}` : amount
}

function valueOf(query: Query, outputs: readonly Output[], rows: readonly SqlValue[][], rowCount: number): string {
  if (rows.length === 0) return 'none: no row fits'
  const groups = query.groupBy.length
  const isComputed = query.select.some(({ term }) => term.fn !== null)
  if (groups === 0 && (isComputed || rows.length === 1)) {
    const [row] = rows
    if (outputs.length === 1) return inWords(row![0]!, outputs[0]!)
    // "Laptop: $999.00" reads better than a list of columns.
    if (!isComputed && outputs.length === 2)
      return `${inWords(row![0]!, outputs[0]!)}: ${inWords(row![1]!, outputs[1]!)}`
    return outputs.map((output, index) => `${output.label} ${inWords(row![index]!, output)}`).join('; ')
  }
  const lines = rows.slice(0, rowsInWords).map((row) => {
    const cells = row.map((value, index) =>
      value === null && index < groups ? `(no ${outputs[index]!.label})` : inWords(value, outputs[index]!),
    )
    const head = cells.slice(0, Math.max(1, groups)).join(', ')
    return cells.length > Math.max(1, groups) ? `${head}: ${cells.slice(Math.max(1, groups)).join(', ')}` : head
  })
  const more = rowCount - lines.length
  return more > 0 ? `${lines.join('; ')}; and ${more.toLocaleString('en')} more` : lines.join('; ')
}

function statementOf(query: Query, outputs: readonly Output[]): string {
  const groups = query.groupBy.length
  const [group, shown] = [outputs.slice(0, groups), outputs.slice(groups)]
  const [order] = query.orderBy
  const ranked = query.limit !== null && order !== undefined && order.item >= 0 ? shown[order.item] : undefined
  const isRows = groups === 0 && query.select.every(({ term }) => term.fn === null)
  const first =
    ranked && isRows
      ? `${order!.descending ? 'Highest' : 'Lowest'} ${ranked.label}`
      : shown.map(({ label }) => label).join(' and ')
  const parts = [
    query.distinct && !isRows ? `Different ${first}` : first,
    ...(groups > 0 ? [`by ${group.map(({ label }) => label).join(' and ')}`] : []),
    ...(query.where.filter(isTold).length > 0
      ? [`where ${query.where.filter(isTold).map(conditionInWords).join(' and ')}`]
      : []),
    ...query.having.map(
      ({ item, operator, values }) => `with ${shown[item]?.label} ${wordsOf(operator)} ${values.join(' and ')}`,
    ),
  ]
  const own = query.select.flatMap(({ term, other }) => [...term.where, ...(other?.where ?? [])])
  if (own.length > 0) parts.push(`(${own.map(conditionInWords).join('; ')})`)
  if (ranked)
    parts.push(
      query.limit === 1
        ? isRows
          ? ''
          : `, the ${order!.descending ? 'highest' : 'lowest'}`
        : `, the ${query.limit} ${order!.descending ? 'highest' : 'lowest'}`,
    )
  return parts.join(' ').replace(/\s+,/g, ',').trim()
}

/** That what is ranked has a value goes without saying. */
const isTold = ({ operator }: Condition, _at: number, all: Condition[]): boolean =>
  operator !== 'is not empty' || all.length === 1

const wordsOf = (operator: Condition['operator']): string =>
  ({
    '=': 'is',
    '!=': 'is not',
    in: 'is',
    'not in': 'is not',
    between: 'is between',
    '<': 'under',
    '<=': 'at most',
    '>': 'over',
    '>=': 'at least',
    contains: 'contains',
    'is empty': 'is empty',
    'is not empty': 'is not empty',
  })[operator]

function conditionInWords({ column, part, operator, values }: Condition): string {
  const given = values.map(String)
  const joined = operator === 'between' ? given.join(' and ') : given.join(' or ')
  return `${part === null ? column : `${part} of ${column}`} ${wordsOf(operator)} ${joined}`.trim()
}

/** The query with its values in their places, as it was carried out. */
export function shownSql(sql: string, params: readonly (string | number)[]): string {
  let at = 0
  return sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\?/g, (found) => {
    if (found !== '?') return found
    const value = params[at++]
    return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
  })
}
