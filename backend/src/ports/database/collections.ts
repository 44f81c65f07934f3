import {
  ChunkProfile,
  type Collection,
  type CollectionAccess,
  type CollectionRole,
  defaultChunkProfile,
} from '@nitroagi/shared/collections'
import type { Role } from '@nitroagi/shared/identity'
import type { Call } from '../../call.ts'
import { isReadable, readerOf } from './collection-access.ts'
import type { CollectionsRepository } from './collections-port.ts'
import type { Connection } from './connection.ts'

interface Row {
  id: string
  name: string
  description: string
  tags: string[]
  access: CollectionAccess
  role: CollectionRole | null
  embedding_model: string
  chunk_profile: unknown
  document_count: number
  reindex_total: number
  reindex_done: number
  created_at: Date
}

// An import is the way that its documents came, not one of them.
const columns = `c.id, c.name, c.description, c.tags, c.access, c.embedding_model, c.chunk_profile, c.created_at,
  (SELECT m.role FROM collection_members m
    WHERE m.workspace_id = c.workspace_id AND m.collection_id = c.id AND m.user_id = $2::uuid) AS role,
  (SELECT count(*)::int FROM documents d WHERE d.workspace_id = c.workspace_id AND d.collection_id = c.id
    AND d.status <> 'deleting' AND d.media_type <> 'application/x-ndjson') AS document_count,
  0 AS reindex_total, 0 AS reindex_done`

export function createCollectionsRepository(connection: Connection): CollectionsRepository {
  return {
    async list(call) {
      const rows = await connection.query<Row>(
        `SELECT ${columns} FROM collections c WHERE c.workspace_id = $1 AND ${isReadable('c', '$2')}
         ORDER BY lower(c.name), c.id`,
        [call.actor.workspaceId, readerOf(call)],
      )
      return rows.map((row) => collectionOf(call, row))
    },
    async find(call, id) {
      const [row] = await connection.query<Row>(
        `SELECT ${columns} FROM collections c WHERE c.workspace_id = $1 AND ${isReadable('c', '$2')} AND c.id = $3`,
        [call.actor.workspaceId, readerOf(call), id],
      )
      return row && collectionOf(call, row)
    },
    async readable(call, ids) {
      const rows = await connection.query<{ id: string; embedding_model: string; version: string | number }>(
        `SELECT c.id, c.embedding_model, c.version FROM collections c
         WHERE c.workspace_id = $1 AND ${isReadable('c', '$2')} AND ($3::uuid[] IS NULL OR c.id = ANY($3::uuid[]))
         ORDER BY c.id`,
        [call.actor.workspaceId, readerOf(call), ids ?? null],
      )
      return rows.map((row) => ({ id: row.id, embeddingModel: row.embedding_model, version: String(row.version) }))
    },
    async create(call, collection) {
      const { name, embeddingModel, description = '', tags = [], access = 'workspace' } = collection
      const { chunkProfile = defaultChunkProfile } = collection
      const { workspaceId, userId } = call.actor
      return connection.transaction(async (tx) => {
        const [row] = await tx.query<Row>(
          `INSERT INTO collections (workspace_id, owner_id, name, embedding_model, description, tags, access, chunk_profile)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
           ON CONFLICT (workspace_id, name) DO NOTHING
           RETURNING id, name, description, tags, access, 'owner' AS role, embedding_model, chunk_profile, created_at,
             0 AS document_count, 0 AS reindex_total, 0 AS reindex_done`,
          [workspaceId, userId, name, embeddingModel, description, tags, access, JSON.stringify(chunkProfile)],
        )
        if (!row) return undefined
        await tx.query(
          `INSERT INTO collection_members (workspace_id, collection_id, user_id, role) VALUES ($1, $2, $3, 'owner')`,
          [workspaceId, row.id, userId],
        )
        return collectionOf(call, row)
      })
    },
    async delete({ actor }, id) {
      await connection.query(`DELETE FROM collections WHERE workspace_id = $1 AND id = $2`, [actor.workspaceId, id])
    },
  }
}

/** What somebody may do who is not named as a member, in a collection that is open to the workspace. */
const roleInWorkspace: Record<Role, CollectionRole> = {
  owner: 'owner',
  admin: 'owner',
  editor: 'editor',
  member: 'editor',
  viewer: 'reader',
}

const collectionOf = ({ actor }: Call, row: Row): Collection => ({
  id: row.id,
  name: row.name,
  description: row.description,
  tags: row.tags,
  access: row.access,
  role: row.role ?? roleInWorkspace[actor.role],
  documentCount: row.document_count,
  embeddingModel: row.embedding_model,
  chunkProfile: ChunkProfile.parse(row.chunk_profile),
  reindexing: row.reindex_total > 0 ? { done: row.reindex_done, total: row.reindex_total } : null,
  createdAt: new Date(row.created_at).toISOString(),
})
