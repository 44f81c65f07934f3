import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'
import type { DocumentWork } from './documents-port.ts'

/** `date` may carry a time of day; it is kept as ISO text either way. */
export type ColumnType = 'number' | 'date' | 'boolean' | 'text'

export interface TableColumn {
  /** Unlike every other name of its table, also without regard to case. */
  name: string
  type: ColumnType
  /** What stands at all of its numbers: "%", "€", "kg". */
  unit: string | null
  /** Digits after the point, of numbers; 0 means whole numbers. */
  decimals: number
  /** Cells that are empty, and cells that are not of the column's type and count as empty. */
  empty: number
  strays: number
  distinct: number
  /** A few of its values, by which the table is recognised. */
  samples: string[]
}

/** What is known of a table without opening it. */
export interface TableDescription {
  /** Within its document, from 1. */
  number: number
  /** Of a workbook; null for a table that stands alone. */
  sheet: string | null
  isHidden: boolean
  rows: number
  columns: TableColumn[]
  /** What was done to read it that somebody who counts should know. */
  notes: string[]
}

export interface StoredTable extends TableDescription {
  documentId: string
  /** The document's name. */
  title: string
  mediaType: string
  version: number
  objectKey: string
}

/** The tables of documents that are ready. */
export interface TablesRepository {
  /** Those of the version that is being made; hidden until it is published. */
  save(call: Call, work: DocumentWork, tables: readonly TableDescription[]): Promise<void>
  /** Newest documents first, of these collections or of all, at most `limit`. */
  list(call: Call, collectionIds: readonly string[] | undefined, limit: number): Promise<StoredTable[]>
  exists(call: Call, collectionIds: readonly string[] | undefined): Promise<boolean>
  /** The passage that holds this place of a page; undefined when the document is another one by now. */
  passageAt(
    call: Call,
    table: Pick<StoredTable, 'documentId' | 'version'>,
    place: { page: number; offset: number },
  ): Promise<SearchHit | undefined>
}

export type SqlValue = string | number | bigint | null

/** A table with its rows, ready to be computed with, in a process of its own. */
export interface OpenTable {
  /** What it is called in queries. */
  readonly name: string
  readonly columns: readonly TableColumn[]
  readonly rows: number
  /** The texts that stand in a column, where those are few enough to be told; by the column's place. */
  readonly texts: ReadonlyMap<number, readonly string[]>
  /**
   * Runs one SELECT on the table, whose columns are called as `columns` say. Throws `invalid_input` for anything
   * else, and `step_failed` for what takes too long. Gives at most `rowsAtMost` rows and says how many there are.
   */
  query(
    call: Call,
    sql: string,
    params: readonly SqlValue[],
    rowsAtMost: number,
  ): Promise<{ rows: SqlValue[][]; rowCount: number }>
  /** Where a row stands in the document's text; rows count from 1. */
  placeOf(call: Call, row: number): Promise<{ page: number; offset: number } | undefined>
}
