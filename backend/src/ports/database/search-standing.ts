import type { Call } from '../../call.ts'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Sql } from './connection.ts'
import type { SearchQuery, SearchTrace, Standing } from './knowledge-port.ts'
import { filterParams, meetsFilter } from './search-plan.ts'
import { bm25 } from './search-weights.ts'

/** Of a document with very many passages, those with the most of the question's words are looked at. */
const passagesMax = 500

interface Row {
  id: string
  length: number
  terms: string[]
  frequencies: number[]
  vector: number | null
}

export async function standings(
  sql: Sql,
  call: Call,
  query: SearchQuery,
  trace: SearchTrace,
  of: { entryIds: readonly string[] } | { documentId: string },
): Promise<Standing[]> {
  const cases = query.vectors.map(
    (_, index) => `WHEN $${7 + 2 * index}::text THEN nullif(1 - (e.embedding <=> $${8 + 2 * index}::vector), 'NaN')`,
  )
  const rows = await sql.query<Row>(
    `SELECT e.id, e.length, w.terms, w.frequencies,
       ${cases.length > 0 ? `CASE e.embedding_model ${cases.join(' ')} END` : 'NULL::float8'} AS vector
     FROM knowledge_entries e
     JOIN documents d ON d.workspace_id = e.workspace_id AND d.id = e.document_id AND d.version = e.version AND d.status <> 'deleting',
     LATERAL (
       SELECT coalesce(array_agg(term), '{}') AS terms, coalesce(array_agg(e.frequencies[array_position(e.lexemes, term)]), '{}') AS frequencies
       FROM unnest($3::text[]) AS term WHERE term = ANY(e.lexemes)
     ) w
     WHERE e.workspace_id = $1 AND e.collection_id IN (${readableCollections('$1', '$2')})
       AND ($4::uuid[] IS NULL OR e.collection_id = ANY($4::uuid[]))
       AND (e.id = ANY($5::uuid[]) OR e.document_id = $6::uuid)
     ORDER BY cardinality(w.terms) DESC, e.ordinal LIMIT ${passagesMax}`,
    [
      call.actor.workspaceId,
      readerOf(call),
      trace.terms.map(({ term }) => term),
      query.collectionIds ?? null,
      'entryIds' in of ? of.entryIds : [],
      'documentId' in of ? of.documentId : null,
      ...query.vectors.flatMap(({ model, vector }) => [model, `[${vector.join(',')}]`]),
    ],
  )
  const weights = new Map(trace.terms.map(({ term, weight }) => [term, weight]))
  return rows.map((row) => {
    const norm = bm25.k1 * (1 - bm25.b + (bm25.b * row.length) / trace.averageLength)
    const terms = row.terms.map((term, index) => {
      const frequency = row.frequencies[index]!
      return { term, frequency, score: (weights.get(term)! * frequency) / (frequency + norm) }
    })
    return {
      entryId: row.id,
      vector: row.vector,
      lexical: terms.length > 0 ? terms.reduce((sum, { score }) => sum + score, 0) : null,
      terms: terms.toSorted((a, b) => b.score - a.score),
    }
  })
}

export async function searchable(
  sql: Sql,
  call: Call,
  { collectionIds, filter }: Pick<SearchQuery, 'collectionIds' | 'filter'>,
  documentId: string,
): Promise<{ passages: number; isFiltered: boolean } | undefined> {
  const [row] = await sql.query<{ passages: number; meets: boolean }>(
    `SELECT d.entry_count AS passages, (${meetsFilter('d', 5)}) AS meets FROM documents d
     WHERE d.workspace_id = $1 AND d.collection_id IN (${readableCollections('$1', '$2')})
       AND ($3::uuid[] IS NULL OR d.collection_id = ANY($3::uuid[])) AND d.id = $4::uuid AND d.status <> 'deleting'`,
    [call.actor.workspaceId, readerOf(call), collectionIds ?? null, documentId, ...filterParams(filter)],
  )
  return row && { passages: row.passages, isFiltered: !row.meets }
}
