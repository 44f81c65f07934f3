import type { Call } from '../../call.ts'
import type { OpenTable, SqlValue, StoredTable } from '../../ports/database/tables-port.ts'
import { type Outcome, outcomeOf, shownSql } from './outcome.ts'
import { compile, type Output, type Query } from './query.ts'

export interface Carried {
  outcome: Outcome
  outputs: Output[]
  /** As it was carried out, with its values in their places. */
  sql: string
  rowCount: number
  /** Where in the document the rows stand that are the answer; else where the table begins. */
  places: { page: number; offset: number }[]
}

export interface Computed extends Carried {
  table: StoredTable
}

export type Attempt = { computed: Computed; reason?: undefined } | { computed?: undefined; reason: string }

const rowsAtMost = 200
/** As many rows are cited by themselves; of more the table is. */
const citedAtMost = 3
/** Others that are as high as the last one are shown, too, up to so many. */
const tiesAtMost = 20

/** Throws `QueryMistake` when the query does not fit the table. */
export async function carryOut(call: Call, open: OpenTable, given: Query): Promise<Carried> {
  const query = await withTies(call, open, given)
  const { sql, params, outputs } = compile(query, open.columns, open.name)
  const { rows, rowCount } = await open.query(call, sql, params, rowsAtMost)
  return {
    outcome: outcomeOf(query, outputs, rows, rowCount),
    outputs,
    sql: shownSql(sql, params),
    rowCount,
    places: await placesOf(call, open, query, rowCount),
  }
}

/** The highest may be several: a limit that cuts between equals is moved behind them. */
async function withTies(call: Call, open: OpenTable, query: Query): Promise<Query> {
  const [order] = query.orderBy
  if (query.limit === null || !order) return query
  const wider = { ...query, limit: query.limit + tiesAtMost }
  const { sql, params } = compile(wider, open.columns, open.name)
  const { rows } = await open.query(call, sql, params, wider.limit)
  const at = order.item < 0 ? -order.item - 1 : query.groupBy.length + order.item
  const last = rows[query.limit - 1]?.[at]
  if (last === undefined || last === null) return query
  const equal = rows.filter((row, index) => index >= query.limit! && isEqual(row[at]!, last)).length
  return equal === 0 ? query : { ...query, limit: query.limit + equal }
}

const isEqual = (one: SqlValue, other: SqlValue): boolean =>
  typeof one === 'number' && typeof other === 'number' ? Math.abs(one - other) <= Math.abs(one) * 1e-12 : one === other

async function placesOf(call: Call, open: OpenTable, query: Query, rowCount: number): Promise<Carried['places']> {
  const isRows = query.groupBy.length === 0 && query.select.every(({ term }) => term.fn === null)
  if (isRows && rowCount > 0 && rowCount <= citedAtMost) {
    const { sql, params } = compile(query, open.columns, open.name, true)
    const { rows } = await open.query(call, sql, params, citedAtMost)
    const places = await Promise.all(rows.map((row) => open.placeOf(call, Number(row.at(-1)))))
    const known = places.filter((place) => place !== undefined)
    if (known.length > 0) return known
  }
  const first = await open.placeOf(call, 1)
  return first ? [{ page: first.page, offset: 0 }] : []
}
