import type { Call } from '../../call.ts'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Sql } from './connection.ts'
import type { SearchFilter, SearchQuery } from './knowledge-port.ts'
import { configsOf, searchText } from './lexemes.ts'
import { bm25 } from './search-weights.ts'

/** A whole paragraph as a question: its first words decide. */
const termsMax = 64
/**
 * How many entries are looked at for words, at most, where rarer words suffice: a word that every third entry has moves
 * nothing to the front by itself. It still counts for the entries that the rarer ones bring.
 */
const lookedUpMax = 6_000

export interface SearchPlan {
  languages: string[]
  terms: Term[]
  entries: number
  averageLength: number
  /** How many have a vector, by model; only of the models that the question has a vector of. */
  models: Map<string, number>
  filtered: number
  /** What could be a tag: the question's words, and two or three in a row. */
  tags: string[]
}

export interface Term {
  term: string
  entries: number
  weight: number
  isLookedUp: boolean
}

interface Row {
  /** Null in the row that says how large the scope is. */
  lexeme: string | null
  entries: number | null
  length: number | null
  filtered: number | null
}

/** What has to be known before a search: the question's stems, how frequent they are in its scope, and how large that is. */
export async function planSearch(sql: Sql, call: Call, query: SearchQuery): Promise<SearchPlan> {
  const question = searchText(query.text)
  const languages = configsOf(question)
  const rows = await sql.query<Row>(statement, [
    call.actor.workspaceId,
    readerOf(call),
    query.collectionIds ?? null,
    languages,
    question.words,
    question.pairs.slice(0, termsMax),
    ...filterParams(query.filter),
    query.vectors.map(({ model }) => model),
  ])
  const scope = rows.find((row) => row.lexeme === null)
  const entries = scope?.entries ?? 0
  const having = rows.flatMap((row) => (row.lexeme === null ? [] : [{ term: row.lexeme, entries: row.entries! }]))
  return {
    languages,
    terms: weigh(
      having.filter(({ term }) => !term.startsWith(' ')),
      entries,
    ),
    entries,
    averageLength: Math.max((scope?.length ?? 0) / Math.max(entries, 1), 1),
    models: new Map(
      having.flatMap(({ term, entries }) => (term.startsWith(' ') ? [[term.slice(1), entries] as const] : [])),
    ),
    filtered: isFiltering(query.filter) ? (scope?.filtered ?? 0) : entries,
    tags: possibleTags(query.text),
  }
}

/** The rarest first. What is asked for first is looked up; the rest only counts. */
function weigh(found: readonly { term: string; entries: number }[], entries: number): Term[] {
  let lookedUp = 0
  return found
    .toSorted((a, b) => a.entries - b.entries)
    .map(({ term, entries: having }) => {
      const isLookedUp = lookedUp === 0 || lookedUp + having <= lookedUpMax
      lookedUp += having
      const idf = Math.log(1 + (Math.max(entries - having, 0) + 0.5) / (having + 0.5))
      return { term, entries: having, weight: idf * (bm25.k1 + 1), isLookedUp }
    })
}

function possibleTags(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]*/gu)
      ?.slice(0, 40) ?? []
  const runs = words.flatMap((word, at) => [
    word,
    ...[2, 3]
      .filter((size) => at + size <= words.length)
      .flatMap((size) => {
        const run = words.slice(at, at + size)
        return [run.join(' '), run.join('-')]
      }),
  ])
  return [...new Set(runs)].filter((run) => run.length > 2 && run.length <= 40)
}

export const isFiltering = (filter: SearchFilter | undefined) => filterParams(filter).some((param) => param !== null)

export const filterParams = (filter: SearchFilter | undefined) => [
  filter?.tags ?? null,
  filter?.mediaTypes ?? null,
  filter?.from ?? null,
  filter?.to ?? null,
]

/** What a document must meet; the parameters from `at` on are `filterParams`. */
export const meetsFilter = (alias: string, at: number) =>
  `(${`$${at}`}::text[] IS NULL OR ${alias}.tags && $${at}::text[])
    AND ($${at + 1}::text[] IS NULL OR ${alias}.media_type = ANY($${at + 1}::text[]))
    AND ($${at + 2}::timestamptz IS NULL OR coalesce(${alias}.document_date, ${alias}.created_at) >= $${at + 2}::timestamptz)
    AND ($${at + 3}::timestamptz IS NULL OR coalesce(${alias}.document_date, ${alias}.created_at) < $${at + 3}::timestamptz)`

/**
 * The likeliest language's stems come first; what is a stop word there is none of another's. How frequent a stem is and how
 * many entries there are stays that of the scope, whatever the filter leaves of it.
 */
const statement = `WITH
  scope AS MATERIALIZED (
    SELECT c.id, c.entry_count, c.entry_length FROM collections c
    WHERE c.workspace_id = $1 AND c.id IN (${readableCollections('$1', '$2')}) AND ($3::uuid[] IS NULL OR c.id = ANY($3::uuid[]))
  ),
  stems AS (
    SELECT rank, lexeme, positions FROM unnest($4::text[]) WITH ORDINALITY AS config (name, rank),
      unnest(to_tsvector(name::regconfig, $5))
  ),
  likeliest AS (SELECT array_agg(position) AS positions FROM stems, unnest(positions) AS position WHERE rank = 1),
  asked AS MATERIALIZED (
    SELECT lexeme FROM (
      SELECT lexeme, rank, stems.positions[1] AS position FROM stems, likeliest
      WHERE rank = 1 OR stems.positions && likeliest.positions
      UNION ALL SELECT pair, 1000, position FROM unnest($6::text[]) WITH ORDINALITY AS pairs (pair, position)
    ) stem (lexeme, rank, position) GROUP BY lexeme ORDER BY min(rank), min(position), lexeme LIMIT ${termsMax}
  )
  SELECT t.lexeme COLLATE "default" AS lexeme, sum(t.entry_count)::float8 AS entries, NULL::float8 AS length, NULL::float8 AS filtered
  FROM collection_terms t
  WHERE t.workspace_id = $1 AND t.collection_id IN (SELECT id FROM scope)
    AND t.lexeme = ANY(ARRAY(SELECT lexeme COLLATE "C" FROM asked UNION ALL SELECT ' ' || unnest($11::text[])))
  GROUP BY t.lexeme
  UNION ALL
  SELECT NULL, sum(s.entry_count)::float8, sum(s.entry_length)::float8, sum(f.filtered)::float8
  FROM scope s, LATERAL (
    SELECT coalesce(sum(d.entry_count), 0) AS filtered FROM documents d
    WHERE num_nonnulls($7::text[], $8::text[], $9::timestamptz, $10::timestamptz) > 0 AND d.workspace_id = $1 AND d.collection_id = s.id
      AND d.status <> 'deleting' AND ${meetsFilter('d', 7)}
  ) f`
