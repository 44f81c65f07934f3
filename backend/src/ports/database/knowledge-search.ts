import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'
import type { Sql } from './connection.ts'
import type { SearchQuery } from './knowledge-port.ts'
import { configsOf, searchText } from './lexemes.ts'

/** BM25's saturation and length normalisation, and what a cosine of 1 is worth beside it; chosen by `npm run eval`. */
const k1 = 1.2
const b = 0.5
const vectorWeight = 10
/** A whole paragraph as a question: its first words decide. */
const termsMax = 64

interface Row {
  id: string
  document_id: string
  external_id: string | null
  collection_id: string
  name: string
  media_type: string
  content: string
  page: number
  start_offset: number
  end_offset: number
  score: number
  lexical: number | null
  vector: number | null
}

export async function search(sql: Sql, { actor }: Call, query: SearchQuery): Promise<SearchHit[]> {
  const terms = await termsOf(sql, query.text)
  if (terms.length === 0 && query.embedding === null) return []
  const rows = await sql.query<Row>(statement(query.embedding !== null), [
    actor.workspaceId,
    query.collectionIds ?? null,
    query.limit,
    terms,
    query.embeddingModel,
    query.embedding && `[${query.embedding.join(',')}]`,
  ])
  return rows.map((row) => ({
    entryId: row.id,
    documentId: row.document_id,
    externalId: row.external_id,
    collectionId: row.collection_id,
    title: row.name,
    mediaType: row.media_type,
    content: row.content,
    page: row.page,
    start: row.start_offset,
    end: row.end_offset,
    score: row.score,
    scores: { lexical: row.lexical, vector: row.vector },
  }))
}

/** The question's stems, the likeliest language's first. What is a stop word there is none of another's. It reads no table. */
async function termsOf(sql: Sql, text: string): Promise<string[]> {
  const question = searchText(text)
  const rows = await sql.query<{ lexeme: string }>(
    `WITH stems AS (
       SELECT rank, lexeme, positions FROM unnest($1::text[]) WITH ORDINALITY AS config (name, rank),
         unnest(to_tsvector(name::regconfig, $2))
     ), likeliest AS (SELECT array_agg(position) AS positions FROM stems, unnest(positions) AS position WHERE rank = 1)
     SELECT lexeme FROM stems, likeliest WHERE rank = 1 OR stems.positions && likeliest.positions
     GROUP BY lexeme ORDER BY min(rank), min(stems.positions[1]), lexeme`,
    [configsOf(question), question.words],
  )
  return [...new Set([...rows.map((row) => row.lexeme), ...question.pairs])].slice(0, termsMax)
}

/**
 * One statement with the workspace inside each of its legs. The words' leg is exact BM25: every entry that has one of the
 * stems is scored, with the frequencies of this very corpus; one look into the index a stem, because searching an array for
 * words that it does not have costs more than all the rest. The vectors' leg is an exact scan, at 2 µs a row whose vector
 * lies beside it.
 */
function statement(hasVector: boolean): string {
  const inScope = `e.workspace_id = $1 AND ($2::uuid[] IS NULL OR e.collection_id = ANY($2::uuid[]))
      AND (e.document_id, e.version) NOT IN (SELECT id, version FROM hidden)`
  const vectors = hasVector
    ? `SELECT e.id, nullif(1 - (e.embedding <=> $6::vector), 'NaN') AS score FROM knowledge_entries e
    WHERE ${inScope} AND e.embedding_model = $5::text`
    : `SELECT NULL::uuid AS id, NULL::float8 AS score WHERE $5::text IS NULL AND $6::text IS NOT NULL`
  return `WITH
  hidden AS MATERIALIZED (
    SELECT id, pending_version AS version FROM documents WHERE workspace_id = $1 AND pending_version > version
    UNION ALL SELECT id, version FROM documents WHERE workspace_id = $1 AND status = 'deleting'
  ),
  -- Summed as floats: sums of bigints are numerics, which take ten times as long.
  totals AS MATERIALIZED (
    SELECT sum(entry_count::float8) AS entries, sum(entry_length::float8) AS length FROM documents
    WHERE workspace_id = $1 AND ($2::uuid[] IS NULL OR collection_id = ANY($2::uuid[])) AND status <> 'deleting'
  ),
  corpus AS MATERIALIZED (
    SELECT greatest(entries, 1) AS entries, greatest(length / greatest(entries, 1), 1) AS average FROM totals
  ),
  postings AS MATERIALIZED (
    SELECT asked.term, found.id, found.length, found.frequency
    FROM unnest($4::text[]) AS asked (term), LATERAL (
      SELECT e.id, e.length, e.frequencies[array_position(e.lexemes, asked.term)] AS frequency
      FROM knowledge_entries e WHERE ${inScope} AND e.lexemes @> ARRAY[asked.term]
    ) found
  ),
  weights AS MATERIALIZED (
    SELECT term, ln(1 + (greatest(max(corpus.entries) - count(*), 0) + 0.5::float8) / (count(*) + 0.5::float8)) * ${k1 + 1} AS weight
    FROM postings, corpus GROUP BY term
  ),
  lexical AS (
    SELECT postings.id, sum(weight * frequency / (frequency + ${k1}::float8 * (${1 - b} + ${b} * length / corpus.average))) AS score
    FROM corpus, postings JOIN weights USING (term) GROUP BY postings.id
  ),
  vectors AS (
    ${vectors}
  ),
  fused AS (
    SELECT id, lexical.score AS lexical, vectors.score AS vector,
      coalesce(lexical.score, 0) + ${vectorWeight} * greatest(coalesce(vectors.score, 0), 0) AS score
    FROM lexical FULL JOIN vectors USING (id)
    ORDER BY score DESC, id LIMIT $3
  )
  SELECT fused.id, fused.score, fused.lexical, fused.vector, e.document_id, e.collection_id, e.content, e.page, e.start_offset,
    e.end_offset, d.external_id, d.name, d.media_type
  FROM fused
  JOIN knowledge_entries e ON e.workspace_id = $1 AND e.id = fused.id
  JOIN documents d ON d.workspace_id = $1 AND d.id = e.document_id
  ORDER BY fused.score DESC, fused.id`
}
