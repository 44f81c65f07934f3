import type { Call } from '../../call.ts'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Sql } from './connection.ts'
import type { SearchQuery } from './knowledge-port.ts'
import { hidden } from './search-statement.ts'

/** Of passages that have the acronym as a word, so many are read for what it stands for. */
const readMax = 2_000
/** "WHO" is no word to search for, because "who" is none. Then each passage is read, where that takes some 0.1 s at most. */
const readThroughMax = 20_000
const passagesMax = 12

/** What the passages say that define an acronym: it stands in brackets there, or before them. */
export async function definingPassages(
  sql: Sql,
  call: Call,
  { collectionIds }: Pick<SearchQuery, 'collectionIds'>,
  acronym: string,
  stems: readonly string[],
): Promise<string[]> {
  const rows = await sql.query<{ content: string }>(
    `WITH scope AS MATERIALIZED (
       SELECT c.id, c.entry_count FROM collections c WHERE c.workspace_id = $1 AND c.id IN (${readableCollections('$1', '$2')})
         AND ($3::uuid[] IS NULL OR c.id = ANY($3::uuid[]))
     ),
     ${hidden},
     having_it AS (
       SELECT e.id FROM searchable_entries e
       WHERE e.workspace_id = $1 AND e.collection_id = ANY(ARRAY(SELECT id FROM scope))
         AND (e.document_id, e.version) NOT IN (SELECT id, version FROM hidden)
         AND ${stems.length > 0 ? 'e.lexemes && $4::text[]' : `$4::text[] = '{}' AND (SELECT sum(entry_count) FROM scope) <= ${readThroughMax}`}
       LIMIT ${stems.length > 0 ? readMax : readThroughMax}
     )
     SELECT e.content FROM having_it JOIN knowledge_entries e ON e.workspace_id = $1 AND e.id = having_it.id
     WHERE strpos(e.content, $6) > 0 AND e.content ~ $5
     ORDER BY e.document_id, e.ordinal LIMIT ${passagesMax}`,
    [call.actor.workspaceId, readerOf(call), collectionIds ?? null, stems, patternOf(acronym), acronym],
  )
  return rows.map(({ content }) => content)
}

function patternOf(acronym: string): string {
  const literal = acronym.replace(/[^\p{L}\p{N}]/gu, (sign) => `[${sign}]`)
  return String.raw`\(\s*${literal}s?\s*[),;:]|\m${literal}s?["”]?\s*\(`
}
