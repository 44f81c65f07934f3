import type { Collection } from '@nitroagi/shared/knowledge'
import type { CollectionsRepository } from './collections-port.ts'
import type { Connection } from './connection.ts'

interface Row {
  id: string
  name: string
  embedding_model: string
  document_count: number
  created_at: Date
}

// An import is the way that its documents came, not one of them.
const columns = `c.id, c.name, c.embedding_model, c.created_at,
  (SELECT count(*)::int FROM documents d WHERE d.workspace_id = c.workspace_id AND d.collection_id = c.id
    AND d.status <> 'deleting' AND d.media_type <> 'application/x-ndjson') AS document_count`

export function createCollectionsRepository(connection: Connection): CollectionsRepository {
  return {
    async list({ actor }) {
      const rows = await connection.query<Row>(
        `SELECT ${columns} FROM collections c WHERE c.workspace_id = $1 ORDER BY lower(c.name), c.id`,
        [actor.workspaceId],
      )
      return rows.map(collectionOf)
    },
    async find({ actor }, id) {
      const [row] = await connection.query<Row>(
        `SELECT ${columns} FROM collections c WHERE c.workspace_id = $1 AND c.id = $2`,
        [actor.workspaceId, id],
      )
      return row && collectionOf(row)
    },
    async create({ actor }, { name, embeddingModel }) {
      const [row] = await connection.query<Row>(
        `INSERT INTO collections (workspace_id, owner_id, name, embedding_model) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, name) DO NOTHING
         RETURNING id, name, embedding_model, created_at, 0 AS document_count`,
        [actor.workspaceId, actor.userId, name, embeddingModel],
      )
      return row && collectionOf(row)
    },
    async delete({ actor }, id) {
      await connection.query(`DELETE FROM collections WHERE workspace_id = $1 AND id = $2`, [actor.workspaceId, id])
    },
  }
}

const collectionOf = (row: Row): Collection => ({
  id: row.id,
  name: row.name,
  documentCount: row.document_count,
  embeddingModel: row.embedding_model,
  createdAt: new Date(row.created_at).toISOString(),
})
