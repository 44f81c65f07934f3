import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

/** PostgreSQL in the thread that asks for it. */
export const createPglite = (options: PGliteOptions) => PGlite.create({ ...options, extensions: { vector } })
