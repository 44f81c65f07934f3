import type { TableColumn } from '../../ports/database/tables-port.ts'
import { z } from 'zod'

/** All that can be asked of a table. Rules and models both end here; no SQL comes from anywhere but the compiler. */

export const Part = z.enum(['year', 'quarter', 'month', 'day', 'month of year', 'weekday'])
export type Part = z.infer<typeof Part>

const Operator = z.enum([
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'between',
  'in',
  'not in',
  'contains',
  'is empty',
  'is not empty',
])
export type Operator = z.infer<typeof Operator>

export const Condition = z.strictObject({
  column: z.string(),
  part: Part.nullable(),
  operator: Operator,
  values: z.array(z.union([z.string().max(500), z.number()])).max(200),
})
export type Condition = z.infer<typeof Condition>

const Fn = z.enum(['count', 'count different', 'sum', 'average', 'median', 'minimum', 'maximum'])
export type Fn = z.infer<typeof Fn>

/** A column as it stands, or computed over rows; `where` holds for this term alone. */
export const Term = z.strictObject({
  fn: Fn.nullable(),
  /** Null only for counting rows. */
  column: z.string().nullable(),
  part: Part.nullable(),
  where: z.array(Condition).max(20),
})
export type Term = z.infer<typeof Term>

const Item = z.strictObject({
  term: Term,
  /** `percent of all groups` needs no second term. */
  combine: z.enum(['minus', 'divided by', 'percent of', 'percent of all groups']).nullable(),
  other: Term.nullable(),
})
export type Item = z.infer<typeof Item>

export const Query = z.strictObject({
  select: z.array(Item).min(1).max(8),
  where: z.array(Condition).max(20),
  /** Shown before what is selected. */
  groupBy: z.array(z.strictObject({ column: z.string(), part: Part.nullable() })).max(3),
  /** On what is selected, by its place from 0. */
  having: z
    .array(z.strictObject({ item: z.number().int(), operator: Operator, values: z.array(z.number()).max(2) }))
    .max(4),
  /** By what is selected, from 0, or by a group: -1 is the first. */
  orderBy: z.array(z.strictObject({ item: z.number().int(), descending: z.boolean() })).max(3),
  limit: z.number().int().min(1).max(1_000).nullable(),
  /** Each row of the result once. */
  distinct: z.boolean(),
})
export type Query = z.infer<typeof Query>

export interface Output {
  label: string
  type: 'number' | 'text' | 'date' | 'boolean'
  unit: string | null
  decimals: number
  /** Its decimals are what division gave, and are rounded to be shown. */
  isRounded: boolean
  /** A year or an identifier, which is not written as 2,024. */
  isPlain: boolean
}

export interface Compiled {
  sql: string
  params: (string | number)[]
  outputs: Output[]
}

/** Says which part of a query does not fit its table. */
export class QueryMistake extends Error {
  override readonly name = 'QueryMistake'
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Checks every name and type against the table, and binds every value. With its row, each result ends with the number
 * of the row that it stands in.
 */
export function compile(query: Query, columns: readonly TableColumn[], table: string, isWithRow = false): Compiled {
  const params: Compiled['params'] = []
  const outputs: Output[] = []
  const context: Context = { columns, params }
  const selected = query.groupBy.map(({ column, part }) => {
    const found = mustFind(columns, column)
    outputs.push(groupOutput(found, part))
    return columnSql(found, part)
  })
  const groups = [...selected]
  const items = query.select.map((item) => {
    const sql = itemSql(context, item)
    outputs.push(itemOutput(columns, item))
    selected.push(sql)
    return sql
  })
  const isGrouped = groups.length > 0
  const isAggregated = query.select.map(({ term }) => term.fn !== null)
  if (isGrouped && isAggregated.includes(false))
    throw new QueryMistake('A group cannot show a column that it is not grouped by')
  if (isAggregated.includes(true) && isAggregated.includes(false))
    throw new QueryMistake('Columns beside a computed value must be grouped by')
  const where = query.where.map((condition) => conditionSql(context, condition))
  const having = query.having.map(({ item, operator, values }) => {
    const place = items[item]
    if (place === undefined || !isGrouped) throw new QueryMistake('There is no such computed value to compare')
    // Said again with its own values, since a name of the select is none that can be compared everywhere.
    const again: Context = { columns, params: [] }
    const sql = itemSql(again, query.select[item]!)
    params.push(...again.params)
    return compared(context, sql, operator, values)
  })
  const order = query.orderBy.map(({ item, descending }) => {
    const place = item < 0 ? -item : groups.length + item + 1
    if (place > selected.length || (item < 0 && -item > groups.length))
      throw new QueryMistake('There is no such value to order by')
    return `${place} ${descending ? 'DESC' : 'ASC'} NULLS LAST`
  })
  const lines = [
    `SELECT ${query.distinct && !isWithRow ? 'DISTINCT ' : ''}${[...selected, ...(isWithRow ? ['_rowid_'] : [])].join(', ')}`,
    `FROM ${quoted(table)}`,
    ...(where.length > 0 ? [`WHERE ${where.join(' AND ')}`] : []),
    ...(isGrouped ? [`GROUP BY ${groups.map((_, index) => index + 1).join(', ')}`] : []),
    ...(having.length > 0 ? [`HAVING ${having.join(' AND ')}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.join(', ')}`] : []),
    ...(query.limit === null ? [] : [`LIMIT ${query.limit}`]),
  ]
  return { sql: lines.join('\n'), params, outputs }
}

interface Context {
  columns: readonly TableColumn[]
  /** In the order in which they stand in the statement: the select's come before the condition's. */
  params: (string | number)[]
}

export function mustFind(columns: readonly TableColumn[], name: string): TableColumn {
  const found =
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  if (!found)
    throw new QueryMistake(
      `There is no column named ${name}. There are: ${columns.map((column) => column.name).join(', ')}`,
    )
  return found
}

function columnSql(column: TableColumn, part: Part | null): string {
  const name = quoted(column.name)
  if (part === null) return name
  if (column.type !== 'date') throw new QueryMistake(`${column.name} holds no dates, so it has no ${part}`)
  switch (part) {
    case 'year':
      return `CAST(substr(${name}, 1, 4) AS INTEGER)`
    case 'quarter':
      return `substr(${name}, 1, 4) || '-Q' || ((CAST(substr(${name}, 6, 2) AS INTEGER) + 2) / 3)`
    case 'month':
      return `substr(${name}, 1, 7)`
    case 'day':
      return `substr(${name}, 1, 10)`
    case 'month of year':
      return `CAST(substr(${name}, 6, 2) AS INTEGER)`
    case 'weekday':
      return `CAST(strftime('%w', ${name}) AS INTEGER)`
  }
}

function itemSql(context: Context, { term, combine, other }: Item): string {
  const first = termSql(context, term)
  if (combine === null) return first
  if (term.fn === null) throw new QueryMistake('Only computed values can be combined')
  // Said twice, so that its values are bound twice.
  if (combine === 'percent of all groups') return `100.0 * ${first} / nullif(sum(${termSql(context, term)}) OVER (), 0)`
  if (other === null || other.fn === null) throw new QueryMistake(`${combine} needs a second computed value`)
  const second = termSql(context, other)
  if (combine === 'minus') return `${first} - ${second}`
  return `${combine === 'percent of' ? '100.0' : '1.0'} * ${first} / nullif(${second}, 0)`
}

function termSql(context: Context, { fn, column, part, where }: Term): string {
  if (fn === null) {
    if (column === null || where.length > 0) throw new QueryMistake('A column is shown without a condition of its own')
    return columnSql(mustFind(context.columns, column), part)
  }
  const computed = aggregateSql(context.columns, fn, column, part)
  if (where.length === 0) return computed
  return `${computed} FILTER (WHERE ${where.map((condition) => conditionSql(context, condition)).join(' AND ')})`
}

function aggregateSql(columns: readonly TableColumn[], fn: Fn, name: string | null, part: Part | null): string {
  if (name === null) {
    if (fn !== 'count') throw new QueryMistake(`${fn} needs a column`)
    return 'count(*)'
  }
  const column = mustFind(columns, name)
  const sql = columnSql(column, part)
  const isNumber = column.type === 'number' || part === 'year'
  if (['sum', 'average', 'median'].includes(fn) && !isNumber)
    throw new QueryMistake(
      `${column.name} holds ${column.type === 'text' ? 'text' : `${column.type}s`}, so it has no ${fn}`,
    )
  if (['minimum', 'maximum'].includes(fn) && column.type !== 'number' && column.type !== 'date')
    throw new QueryMistake(`${column.name} holds no numbers or dates, so it has no ${fn}`)
  switch (fn) {
    case 'count':
      return `count(${sql})`
    case 'count different':
      return `count(DISTINCT ${sql})`
    case 'average':
      return `avg(${sql})`
    case 'minimum':
      return `min(${sql})`
    case 'maximum':
      return `max(${sql})`
    default:
      return `${fn}(${sql})`
  }
}

function conditionSql(context: Context, { column: name, part, operator, values }: Condition): string {
  const column = mustFind(context.columns, name)
  const sql = columnSql(column, part)
  if (operator === 'is empty') return `${sql} IS NULL`
  if (operator === 'is not empty') return `${sql} IS NOT NULL`
  const isNumeric = column.type === 'number' || part === 'year' || part === 'month of year' || part === 'weekday'
  if (isNumeric)
    return compared(
      context,
      sql,
      operator,
      values.map((value) => numberFrom(column, value)),
    )
  if (column.type === 'boolean')
    return compared(
      context,
      sql,
      operator,
      values.map((value) => truthFrom(column, value)),
    )
  const texts = values.map(String)
  if (column.type === 'date' && part === null) return datesCompared(context, sql, operator, texts)
  if (operator === 'contains') {
    context.params.push(`%${(texts[0] ?? '').replace(/[\\%_]/g, '\\$&')}%`)
    return `${sql} LIKE ? ESCAPE '\\'`
  }
  return compared(context, `${sql} COLLATE NOCASE`, operator, texts)
}

function compared({ params }: Context, sql: string, operator: Operator, values: readonly (string | number)[]): string {
  const needed = operator === 'between' ? 2 : 1
  if (values.length < needed) throw new QueryMistake(`${operator} needs ${needed === 1 ? 'a value' : 'two values'}`)
  switch (operator) {
    case 'in':
    case 'not in':
      params.push(...values)
      return `${sql} ${operator === 'in' ? 'IN' : 'NOT IN'} (${values.map(() => '?').join(', ')})`
    case 'between':
      params.push(values[0]!, values[1]!)
      return `${sql} BETWEEN ? AND ?`
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      params.push(values[0]!)
      return `${sql} ${operator === '!=' ? '<>' : operator} ?`
    default:
      throw new QueryMistake(`${operator} cannot be used here`)
  }
}

/** A date is as exact as it is written: 2024-03 is the whole of March, and nothing is after it that is in it. */
function datesCompared(context: Context, sql: string, operator: Operator, texts: readonly string[]): string {
  const wrong = texts.find((text) => !/^\d{4}(-\d{2}(-\d{2}( \d{2}:\d{2}(:\d{2})?)?)?)?$/.test(text))
  if (wrong !== undefined) throw new QueryMistake(`${wrong} is not a date such as 2024-03-05`)
  const cut = (text: string) => `substr(${sql}, 1, ${text.length})`
  if (operator === 'between' && texts.length >= 2)
    return `${conditionOn(context, cut(texts[0]!), '>=', texts[0]!)} AND ${conditionOn(context, cut(texts[1]!), '<=', texts[1]!)}`
  if (operator === 'in' || operator === 'not in') {
    const each = texts.map((text) => conditionOn(context, cut(text), '=', text))
    return operator === 'in' ? `(${each.join(' OR ')})` : `NOT (${each.join(' OR ')})`
  }
  return compared(context, cut(texts[0] ?? ''), operator, texts)
}

function conditionOn(context: Context, sql: string, operator: Operator, value: string): string {
  return compared(context, sql, operator, [value])
}

function numberFrom({ name }: TableColumn, value: string | number): number {
  const number = typeof value === 'number' ? value : Number(value.replace(/[\s,%]/g, ''))
  if (!Number.isFinite(number)) throw new QueryMistake(`${value} is no number, and ${name} holds numbers`)
  return number
}

function truthFrom({ name }: TableColumn, value: string | number): number {
  if (/^(?:1|true|yes|ja|oui|s[ií])$/i.test(String(value))) return 1
  if (/^(?:0|false|no|nein|non)$/i.test(String(value))) return 0
  throw new QueryMistake(`${value} is neither yes nor no, and ${name} holds those`)
}

const plainNames = /(?:^|[\s_-])(?:id|year|jahr|ann[eé]e|año|no|nr|number|nummer|code|zip|plz|phone)\.?$/i

function groupOutput(column: TableColumn, part: Part | null): Output {
  const isNumber =
    part === null ? column.type === 'number' : part === 'year' || part === 'month of year' || part === 'weekday'
  return {
    label: part === null ? column.name : `${part === 'month of year' ? 'Month' : capital(part)} of ${column.name}`,
    type: part === null ? column.type : isNumber ? 'number' : 'text',
    unit: part === null ? column.unit : null,
    decimals: part === null ? column.decimals : 0,
    isRounded: false,
    isPlain: part !== null || plainNames.test(column.name),
  }
}

function itemOutput(columns: readonly TableColumn[], { term, combine, other }: Item): Output {
  const one = termOutput(columns, term)
  if (combine === null) return one
  if (combine === 'minus') return { ...one, label: `${one.label} − ${termOutput(columns, other!).label}` }
  const isPercent = combine !== 'divided by'
  const label =
    combine === 'percent of all groups'
      ? `Share of ${one.label}`
      : `${one.label} ${isPercent ? 'as a share of' : '/'} ${termOutput(columns, other!).label}`
  return {
    label,
    type: 'number',
    unit: isPercent ? '%' : null,
    decimals: isPercent ? 2 : 4,
    isRounded: true,
    isPlain: false,
  }
}

const fnWords: Record<Fn, string> = {
  count: 'Number of',
  'count different': 'Number of different',
  sum: 'Total',
  average: 'Average',
  median: 'Median',
  minimum: 'Lowest',
  maximum: 'Highest',
}

function termOutput(columns: readonly TableColumn[], { fn, column: name, part }: Term): Output {
  if (name === null)
    return { label: 'Number of rows', type: 'number', unit: null, decimals: 0, isRounded: false, isPlain: false }
  const column = mustFind(columns, name)
  if (fn === null) return groupOutput(column, part)
  const isDate = column.type === 'date' && part === null
  const word = isDate && fn === 'minimum' ? 'Earliest' : isDate && fn === 'maximum' ? 'Latest' : fnWords[fn]
  const label = `${word} ${column.name}`
  if (fn === 'count' || fn === 'count different')
    return { label, type: 'number', unit: null, decimals: 0, isRounded: false, isPlain: false }
  const isRounded = fn === 'average' || fn === 'median'
  const decimals = isRounded ? Math.max(2, Math.min(6, column.decimals + 1)) : column.decimals
  return {
    label,
    type: isDate ? 'date' : 'number',
    unit: isDate ? null : column.unit,
    decimals,
    isRounded,
    isPlain: fn !== 'sum' && plainNames.test(column.name),
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
