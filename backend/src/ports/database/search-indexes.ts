import { createHash } from 'node:crypto'
import type { Connection } from './connection.ts'
import type { VectorIndexes } from './knowledge-port.ts'

/**
 * From so many vectors of one model on, an index is worth its keep; below, looking at each one takes some 2 µs. Building one
 * over 10,000 takes the embedded database 17 s in which it answers nobody, so there each one is looked at always.
 */
const worthIndexing = ({ adapter }: Connection) => (adapter === 'pglite' ? Infinity : 20_000)
/** pgvector indexes no more numbers of a `vector`. */
const dimensionsMax = 2_000

interface Model {
  model: string
  entries: number
  dimensions: number
}

const namePrefix = 'knowledge_entries_hnsw_'
const freshMs = 60_000

export function createVectorIndexes(
  connection: Connection,
  { from = worthIndexing(connection), exactBelow = 10_000 } = {},
): VectorIndexes {
  let known: { at: number; models: Promise<ReadonlySet<string>> } | undefined

  /** By the comment on each, which is its model; one that was never finished is not valid and not used. */
  async function existing(): Promise<{ name: string; model: string | null; isValid: boolean }[]> {
    return connection.query(
      `SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS model, i.indisvalid AS "isValid"
       FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
       WHERE i.indrelid = 'knowledge_entries'::regclass AND c.relname LIKE '${namePrefix}%'`,
    )
  }

  /** A login that owns no tables leaves the indexes to whoever migrates: `nitro db migrate` tends them too. */
  async function isOwner(): Promise<boolean> {
    const [row] = await connection.query<{ is: boolean }>(
      `SELECT pg_has_role(current_user, relowner, 'USAGE') AS is FROM pg_class WHERE oid = 'knowledge_entries'::regclass`,
    )
    return row?.is === true
  }

  const read = async () =>
    new Set((await existing()).flatMap(({ model, isValid }) => (isValid && model !== null ? [model] : [])))

  return {
    exactBelow,
    indexed() {
      if (from === Infinity) return Promise.resolve(new Set())
      if (!known || Date.now() - known.at > freshMs) known = { at: Date.now(), models: read() }
      known.models.catch(() => (known = undefined))
      return known.models
    },

    async tend() {
      if (from === Infinity || !(await isOwner())) return { made: [], dropped: [] }
      const models = await connection.system.query<Model>(
        `SELECT t.model, t.entries, vector_dims(e.embedding) AS dimensions FROM (
           SELECT substr(lexeme, 2) AS model, sum(entry_count)::float8 AS entries FROM collection_terms
           WHERE lexeme >= ' ' AND lexeme < '!' GROUP BY 1
         ) t, LATERAL (SELECT embedding FROM knowledge_entries WHERE embedding_model = t.model AND embedding IS NOT NULL LIMIT 1) e`,
      )
      const wanted = new Map(
        models
          .filter(({ entries, dimensions }) => entries >= from && dimensions <= dimensionsMax)
          .map((model) => [indexName(model), model]),
      )
      // One that has lost some is kept until it has lost half, so that none is made and dropped by turns.
      const kept = new Set(models.filter(({ entries }) => entries >= from / 2).map((model) => indexName(model)))
      const present = await existing()
      const dropped: string[] = []
      for (const { name, model, isValid } of present) {
        if (isValid && model !== null && kept.has(name)) continue
        await connection.query(`DROP INDEX ${concurrently(connection)} IF EXISTS "${name}"`)
        dropped.push(model ?? name)
      }
      const made: string[] = []
      for (const [name, { model, dimensions }] of wanted) {
        if (present.some((index) => index.name === name && index.isValid && index.model !== null)) continue
        // Utility statements take no parameters. A literal of any text is safe with its quotes doubled.
        const literal = `'${model.replaceAll("'", "''")}'`
        await connection.query(
          `CREATE INDEX ${concurrently(connection)} IF NOT EXISTS "${name}" ON knowledge_entries
           USING hnsw ((embedding::vector(${Number(dimensions)})) vector_cosine_ops) WHERE embedding_model = ${literal}`,
        )
        await connection.query(`COMMENT ON INDEX "${name}" IS ${literal}`)
        made.push(model)
      }
      known = undefined
      return { made, dropped }
    },
  }
}

// The embedded database has one connection, so nothing runs beside it.
const concurrently = ({ adapter }: Connection) => (adapter === 'pglite' ? '' : 'CONCURRENTLY')

/** A model's name may hold anything and be long. */
const indexName = ({ model, dimensions }: Pick<Model, 'model' | 'dimensions'>) =>
  `${namePrefix}${createHash('sha256').update(model).digest('hex').slice(0, 12)}_${dimensions}`
