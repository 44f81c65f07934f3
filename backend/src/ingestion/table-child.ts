import { constants, DatabaseSync } from 'node:sqlite'
import { NitroError } from '@nitroagi/shared/errors'
import type { SqlValue } from '../ports/database/tables-port.ts'
import type { TableReply, TableRequest } from './open-table.ts'
import { readTables } from './read-tables.ts'
import { tablePages } from './table-text.ts'
import type { TypedTable } from './typed-table.ts'

/** Texts that are told to whoever asks questions about the table, over all of its columns. */
const textsAtMost = 20_000
const textCharacters = 80

/** What a computation may use; nothing that reads a file, loads code or tells of the machine. */
const functions = new Set(
  'count sum total avg median min max abs round coalesce nullif lower upper length substr instr strftime date replace like over trim ifnull cast'.split(
    ' ',
  ),
)

let database: DatabaseSync | undefined
let places: { page: number; offset: number }[] = []

process.on('message', (request: TableRequest) => void answer(request))
// Nobody is left to compute for.
process.on('disconnect', () => process.exit(0))

async function answer(request: TableRequest): Promise<void> {
  try {
    if (request.type === 'open') send(await open(request))
    else if (request.type === 'place') send({ type: 'placed', id: request.id, place: places[request.row - 1] })
    else send(query(request))
  } catch (error) {
    const id = request.type === 'open' ? 0 : request.id
    if (error instanceof NitroError) send({ type: 'failed', id, code: error.code, message: error.message })
    else if (request.type === 'query')
      send({ type: 'failed', id, code: 'invalid_input', message: String(error).slice(0, 300) })
    else
      send({
        type: 'failed',
        id,
        code: 'document_corrupt',
        message: 'The table could not be read',
        detail: String(error).slice(0, 500),
      })
  }
}

async function open({ path, mediaType, title, number }: Extract<TableRequest, { type: 'open' }>): Promise<TableReply> {
  let pagesBefore = 0
  const goOn = () => send({ type: 'busy' })
  for await (const table of readTables(path, mediaType, goOn)) {
    const isWanted = table.description.number === number
    for (const page of tablePages(table, title)) {
      pagesBefore++
      if (isWanted) for (const { row, offset } of page.places) places[row] = { page: pagesBefore, offset }
    }
    if (!isWanted) {
      places = []
      continue
    }
    const name = tableName(table.description.sheet ?? title)
    database = load(table, name, goOn)
    const { columns } = table.description
    return { type: 'opened', name, columns, rows: table.counted, texts: textsOf(table, name, database) }
  }
  throw new NitroError('not_found', 'This table is not in its document any more')
}

function load(table: TypedTable, name: string, goOn: () => void): DatabaseSync {
  const db = new DatabaseSync(':memory:', { allowExtension: false, enableDoubleQuotedStringLiterals: false })
  const { columns } = table.description
  const typed = columns.map(
    ({ name, type }) => `${quoted(name)} ${type === 'text' || type === 'date' ? 'TEXT' : 'NUMERIC'}`,
  )
  db.exec(`CREATE TABLE ${quoted(name)} (${typed.join(', ')})`)
  const insert = db.prepare(`INSERT INTO ${quoted(name)} VALUES (${columns.map(() => '?').join(', ')})`)
  db.exec('BEGIN')
  for (let row = 0; row < table.counted; row++) {
    insert.run(...table.valuesOf(table.body[row]!))
    if (row % 5_000 === 0) goOn()
  }
  db.exec('COMMIT')
  // The rows are in the database now, and need not be kept twice.
  table.body.length = 0
  db.exec('PRAGMA query_only = 1')
  db.setAuthorizer((action, _subject, name) => {
    const isRead = action === constants.SQLITE_SELECT || action === constants.SQLITE_READ
    const isAllowed = isRead || (action === constants.SQLITE_FUNCTION && functions.has((name ?? '').toLowerCase()))
    return isAllowed ? constants.SQLITE_OK : constants.SQLITE_DENY
  })
  return db
}

/** The file's or the sheet's name as it is; names that the database keeps for itself begin otherwise. */
function tableName(title: string): string {
  const name = title
    .replace(/\.[A-Za-z0-9]{2,5}$/, '')
    .trim()
    .slice(0, 60)
    .toWellFormed()
  return name === '' || /^sqlite_/i.test(name) ? `table ${name}`.trim() : name
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Of the columns with the fewest different texts first, for as many as fit. */
function textsOf(table: TypedTable, tableName: string, db: DatabaseSync): Map<number, string[]> {
  const texts = new Map<number, string[]>()
  let room = textsAtMost
  const candidates = table.description.columns
    .map(({ type, distinct, name }, index) => ({ type, distinct, name, index }))
    .filter(({ type }) => type === 'text')
    .sort((a, b) => a.distinct - b.distinct)
  for (const { name, index, distinct } of candidates) {
    if (distinct > room) break
    const found = db.prepare(
      `SELECT DISTINCT ${quoted(name)} AS text FROM ${quoted(tableName)} WHERE ${quoted(name)} IS NOT NULL AND length(${quoted(name)}) <= ${textCharacters}`,
    )
    texts.set(
      index,
      found.all().map(({ text }) => String(text)),
    )
    room -= distinct
  }
  return texts
}

function query({ id, sql, params, rowsAtMost }: Extract<TableRequest, { type: 'query' }>): TableReply {
  if (!database) throw new NitroError('internal', 'The table is not open')
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  const rows: SqlValue[][] = []
  let rowCount = 0
  for (const row of statement.iterate(...params) as Iterable<unknown>) {
    if (rowCount++ < rowsAtMost) rows.push(row as SqlValue[])
  }
  return { type: 'rows', id, rows, rowCount }
}

const send = (reply: TableReply) => process.send?.(reply)
