import type { PageOrigin, PageSummary, Passage } from '@nitroagi/shared/knowledge'
import type { Page } from '@nitroagi/shared/paging'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../../call.ts'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Sql } from './connection.ts'

interface Asked {
  limit: number
  cursor?: string | undefined
}

/** The version that search sees, or else the one that is being made, so that one can look on while it is. */
export const shownVersion = (document: string) =>
  `CASE WHEN ${document}.version > 0 THEN ${document}.version ELSE ${document}.pending_version END`

const shown = `SELECT d.workspace_id, d.id, ${shownVersion('d')} AS version FROM documents d
  WHERE d.workspace_id = $1 AND d.id = $3 AND d.status <> 'deleting'
    AND d.collection_id IN (${readableCollections('$1', '$2')})`

interface PageRow {
  number: number
  label: string | null
  origin: PageOrigin
  confidence: number | null
  characters: number
  passages: number
  note: string | null
}

/** The pages of a document in order; empty for one that may not be read. */
export async function listPages(
  sql: Sql,
  call: Call,
  id: string,
  { limit, cursor }: Asked,
): Promise<Page<PageSummary>> {
  const rows = await sql.query<PageRow>(
    `WITH shown AS (${shown}),
     counted AS MATERIALIZED (
       SELECT e.page, count(*)::int AS passages FROM shown JOIN knowledge_entries e
         ON e.workspace_id = shown.workspace_id AND e.document_id = shown.id AND e.version = shown.version
       GROUP BY e.page
     )
     SELECT p.number, p.label, p.origin, p.confidence, p.note, length(p.text) AS characters,
       coalesce(counted.passages, 0) AS passages
     FROM shown JOIN document_pages p ON p.workspace_id = shown.workspace_id AND p.document_id = shown.id AND p.version = shown.version
     LEFT JOIN counted ON counted.page = p.number
     WHERE p.number > $4 ORDER BY p.number LIMIT $5`,
    [call.actor.workspaceId, readerOf(call), id, positionOf(cursor), limit + 1],
  )
  return pageOf(
    rows.map((row) => ({ ...row, note: row.note ?? (row.characters === 0 ? 'There is no text on this page' : null) })),
    limit,
    ({ number }) => number,
  )
}

interface PassageRow {
  ordinal: number
  page: number
  start_offset: number
  end_offset: number
  heading: string | null
  content: string
}

/** The passages of a document in order, of one page or of all. */
export async function listPassages(
  sql: Sql,
  call: Call,
  id: string,
  { limit, cursor, page }: Asked & { page?: number | undefined },
): Promise<Page<Passage>> {
  const rows = await sql.query<PassageRow>(
    `WITH shown AS (${shown})
     SELECT e.ordinal, e.page, e.start_offset, e.end_offset, e.source->>'heading' AS heading, e.content
     FROM shown JOIN knowledge_entries e ON e.workspace_id = shown.workspace_id AND e.document_id = shown.id AND e.version = shown.version
     WHERE e.ordinal > $4 AND ($6::int IS NULL OR e.page = $6) ORDER BY e.ordinal LIMIT $5`,
    [call.actor.workspaceId, readerOf(call), id, positionOf(cursor), limit + 1, page ?? null],
  )
  const passages = rows.map(({ start_offset: start, end_offset: end, heading, ...row }) => ({
    ...row,
    start,
    end,
    heading: heading ?? '',
  }))
  return pageOf(passages, limit, ({ ordinal }) => ordinal)
}

/** A cursor is the number of the last one that was seen. */
function positionOf(cursor: string | undefined): number {
  if (cursor === undefined) return -1
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor)
  throw new NitroError('invalid_input', 'This cursor is not one of ours')
}

function pageOf<Item>(rows: Item[], limit: number, position: (item: Item) => number): Page<Item> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? String(position(last)) : null }
}
