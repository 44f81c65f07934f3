import { readableCollections } from './collection-access.ts'
import { bm25, unmeasured, vectorWeights } from './search-weights.ts'
import { meetsFilter } from './search-plan.ts'

/** How the vectors of a model are looked through: each one of the scope, or by the index of all that the model made. */
export interface VectorLeg {
  model: string
  dimensions: number
  way: 'exact' | 'index'
}

export interface Shape {
  legs: readonly VectorLeg[]
  isFiltering: boolean
  /** Stems that are so frequent that they only count for what the rarer ones bring. */
  hasOtherTerms: boolean
}

/** Parameters of the statement: these, the filter's four, and then a vector and a model for each leg. */
export const fixedParams = [
  'workspace',
  'reader',
  'collections',
  'terms',
  'weights',
  'otherTerms',
  'otherWeights',
  'averageLength',
  'candidates',
  'limit',
  'tags',
  'entries',
] as const
const at = Object.fromEntries(fixedParams.map((name, index) => [name, `$${index + 1}`])) as Record<
  (typeof fixedParams)[number],
  string
>
const filterAt = fixedParams.length + 1
const legAt = (index: number) => ({ vector: `$${filterAt + 4 + 2 * index}`, model: `$${filterAt + 5 + 2 * index}` })

/** Versions that are not to be found (yet, or any more), of the workspace `$1`. */
export const hidden = `hidden AS MATERIALIZED (
    SELECT id, pending_version AS version FROM documents WHERE workspace_id = $1 AND pending_version > version
    UNION ALL SELECT id, version FROM documents WHERE workspace_id = $1 AND status = 'deleting'
  )`

/** A tag counts like a word that stands twice in the passage, and is as rare as the passages that have it. */
const tagFrequency = 2
/** Of passages that only a tag brings, so many are looked at. */
const taggedMax = 2_000
/** So many of those with the best rare words are worth adding up the frequent ones for. */
const completedMax = 1_000

const saturated = (frequency: string, length: string) =>
  `${frequency} / (${frequency} + ${bm25.k1}::float8 * (${1 - bm25.b} + ${bm25.b} * ${length} / ${at.averageLength}::float8))`

/**
 * One statement; the workspace, what the caller may read and the filter stand inside each of its legs. The words' leg is
 * exact BM25: every entry that has one of the stems is scored, with one look into the index a stem, because searching an
 * array for words that it does not have costs more than all the rest. What one leg brings is scored by the other too, so that
 * nothing is ranked by half of what is known of it.
 */
export function searchStatement(shape: Shape): string {
  const inScope = `e.workspace_id = $1 AND e.collection_id = ANY(ARRAY(SELECT id FROM scope))
      AND (e.document_id, e.version) NOT IN (SELECT id, version FROM hidden)
      ${shape.isFiltering ? 'AND e.document_id IN (SELECT id FROM chosen)' : ''}`
  return `WITH
  scope AS MATERIALIZED (
    SELECT c.id FROM collections c
    WHERE c.workspace_id = $1 AND c.id IN (${readableCollections('$1', at.reader)})
      AND (${at.collections}::uuid[] IS NULL OR c.id = ANY(${at.collections}::uuid[]))
  ),
  ${hidden},
  chosen AS MATERIALIZED (
    SELECT d.id FROM documents d WHERE d.workspace_id = $1 AND d.collection_id IN (SELECT id FROM scope) AND ${meetsFilter('d', filterAt)}
      AND ${shape.isFiltering}
  ),
  ${taggedLeg(inScope)}
  postings AS (
    SELECT found.id, asked.weight * ${saturated('found.frequency', 'found.length')} AS score
    FROM unnest(${at.terms}::text[], ${at.weights}::float8[]) AS asked (term, weight), LATERAL (
      SELECT e.id, e.length, e.frequencies[array_position(e.lexemes, asked.term)]::float8 AS frequency
      FROM searchable_entries e WHERE ${inScope} AND e.lexemes @> ARRAY[asked.term]
    ) found
    UNION ALL SELECT id, score FROM tagged
  ),
  rare AS MATERIALIZED (SELECT id, sum(score) AS score FROM postings GROUP BY id),
  ${lexicalLeg(shape)},
  vectors AS MATERIALIZED (${vectorLegs(shape.legs, inScope)}),
  best_words AS (
    SELECT id, row_number() OVER (ORDER BY score DESC, id) AS rank FROM lexical ORDER BY score DESC, id LIMIT ${at.candidates}::int
  ),
  best_vectors AS (
    SELECT id, row_number() OVER (ORDER BY score DESC, id) AS rank FROM vectors WHERE score IS NOT NULL ORDER BY score DESC, id LIMIT ${at.candidates}::int
  ),
  candidates AS (
    SELECT id, best_words.rank AS lexical_rank, best_vectors.rank AS vector_rank FROM best_words FULL JOIN best_vectors USING (id)
  ),
  scored AS (
    SELECT candidates.*, lexical.score AS lexical, ${vectorOf(shape.legs)} AS vector, e.embedding_model
    FROM candidates JOIN searchable_entries e ON e.workspace_id = $1 AND e.id = candidates.id LEFT JOIN lexical ON lexical.id = candidates.id
  ),
  fused AS (
    SELECT *, coalesce(lexical, 0) + ${worthOf(shape.legs)} AS score FROM scored ORDER BY score DESC, id LIMIT ${at.limit}::int
  )
  SELECT fused.*, e.document_id, e.collection_id, e.content, e.page, e.ordinal, e.start_offset, e.end_offset,
    d.external_id, d.name, d.media_type, p.label,
    (SELECT count(*) FROM lexical)::int AS lexical_count, (SELECT count(*) FROM vectors)::int AS vector_count,
    (SELECT count(*) FROM candidates)::int AS candidate_count
  FROM fused
  JOIN knowledge_entries e ON e.workspace_id = $1 AND e.id = fused.id
  JOIN documents d ON d.workspace_id = $1 AND d.id = e.document_id AND d.version = e.version AND d.status <> 'deleting'
  LEFT JOIN document_pages p ON p.workspace_id = $1 AND p.document_id = e.document_id AND p.version = e.version AND p.number = e.page
  ORDER BY fused.score DESC, fused.id`
}

/**
 * Entries have the tags of their document, and documents are few: asked of the entries, a word that is nobody's tag would have all of
 * them read, because nothing tells the planner how many have it.
 */
const taggedLeg = (inScope: string) => `bearing_documents AS MATERIALIZED (
    SELECT d.id, d.version FROM documents d
    WHERE d.workspace_id = $1 AND d.collection_id IN (SELECT id FROM scope) AND d.tags && ${at.tags}::text[]
  ),
  bearing AS MATERIALIZED (
    SELECT e.id, e.length FROM bearing_documents b JOIN searchable_entries e
      ON e.workspace_id = $1 AND e.document_id = b.id AND e.version = b.version
    WHERE ${inScope} LIMIT ${taggedMax}
  ),
  tagged AS (
    SELECT id, ${bm25.k1 + 1} * ln(1 + ${at.entries}::float8 / (SELECT count(*) FROM bearing)) * ${saturated(`${tagFrequency}::float8`, 'length')} AS score
    FROM bearing
  ),`

/** Frequent words are added up for the best of the rare ones', which alone can come to the front. */
function lexicalLeg({ hasOtherTerms }: Shape): string {
  if (!hasOtherTerms)
    return `lexical AS (SELECT id, score FROM rare WHERE cardinality(${at.otherTerms}::text[]) + cardinality(${at.otherWeights}::float8[]) = 0)`
  return `lexical AS MATERIALIZED (
    SELECT r.id, r.score + coalesce(sum(others.weight * ${saturated('f.frequency', 'e.length')}), 0) AS score
    FROM (SELECT id, score FROM rare ORDER BY score DESC, id LIMIT ${completedMax}) r
    JOIN searchable_entries e ON e.workspace_id = $1 AND e.id = r.id
    LEFT JOIN unnest(${at.otherTerms}::text[], ${at.otherWeights}::float8[]) AS others (term, weight) ON others.term = ANY(e.lexemes)
    LEFT JOIN LATERAL (SELECT e.frequencies[array_position(e.lexemes, others.term)]::float8 AS frequency) f ON true
    GROUP BY r.id, r.score
  )`
}

/** A vector of zeros has no direction, so no cosine either. */
const cosine = (column: string, vector: string) => `nullif(1 - (${column} <=> ${vector}), 'NaN')`

function vectorLegs(legs: readonly VectorLeg[], inScope: string): string {
  if (legs.length === 0) return 'SELECT NULL::uuid AS id, NULL::float8 AS score WHERE false'
  return legs
    .map(({ dimensions, way }, index) => {
      const { vector, model } = legAt(index)
      const typed = `${vector}::vector(${dimensions})`
      const from = `FROM searchable_entries e WHERE ${inScope} AND e.embedding_model = ${model}::text`
      if (way === 'exact') {
        return `(SELECT * FROM (SELECT e.id, ${cosine('e.embedding', typed)} AS score ${from}) every
      WHERE score IS NOT NULL ORDER BY score DESC LIMIT ${at.candidates}::int)`
      }
      const indexed = `e.embedding::vector(${dimensions})`
      return `(SELECT e.id, ${cosine(indexed, typed)} AS score ${from}
      ORDER BY ${indexed} <=> ${typed} LIMIT ${at.candidates}::int)`
    })
    .join(' UNION ALL ')
}

function vectorOf(legs: readonly VectorLeg[]): string {
  if (legs.length === 0) return 'NULL::float8'
  const cases = legs.map((leg, index) => {
    const { vector, model } = legAt(index)
    return `WHEN ${model}::text THEN ${cosine('e.embedding', `${vector}::vector`)}`
  })
  return `CASE e.embedding_model ${cases.join(' ')} END`
}

/** What a vector adds to the score for words. */
function worthOf(legs: readonly VectorLeg[]): string {
  if (legs.length === 0) return '0'
  const cases = legs.flatMap(({ model }, index) => {
    const weight = vectorWeights[model]
    return weight === undefined
      ? []
      : [
          `WHEN vector IS NOT NULL AND embedding_model = ${legAt(index).model}::text THEN ${weight} * greatest(vector, 0)`,
        ]
  })
  const own = 'OVER (PARTITION BY embedding_model)'
  const standsOut = `coalesce((vector - avg(vector) ${own}) / nullif(stddev_pop(vector) ${own}, 0), 0)`
  return `CASE ${cases.join(' ')} WHEN true THEN ${unmeasured.typical} + ${unmeasured.deviation} * ${standsOut} END`
}
