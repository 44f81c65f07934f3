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
import type { Scopes, Sql } from './connection.ts'
import { isUniqueViolation } from './failures.ts'
import { indexSettings, isNoImport, reindexable } from './index-settings.ts'
import { giveUpOtherwiseMade, goBack } from './reindexing-cancel.ts'

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

/**
 * The collections that `condition` lets through, each with what its documents come to, in one look at the documents of
 * all. What failed is not being re-indexed any more.
 */
const collectionsWhere = (condition: string) => `WITH c AS MATERIALIZED (
    SELECT c.*, ${indexSettings('c')} AS settings FROM collections c
    WHERE c.workspace_id = $1 AND ${isReadable('c', '$2')} AND ${condition}
  ), counted AS (
    SELECT d.collection_id, count(*)::int AS documents, count(*) FILTER (WHERE ${reindexable('d')})::int AS total,
      count(*) FILTER (WHERE ${reindexable('d')} AND d.indexed_with = c.settings)::int AS done
    FROM c JOIN documents d ON d.workspace_id = $1 AND d.collection_id = c.id
    WHERE d.status <> 'deleting' AND ${isNoImport('d')}
    GROUP BY d.collection_id
  )
  SELECT c.id, c.name, c.description, c.tags, c.access, c.embedding_model, c.chunk_profile, c.created_at, m.role,
    coalesce(counted.documents, 0) AS document_count,
    coalesce(counted.total, 0) AS reindex_total, coalesce(counted.done, 0) AS reindex_done
  FROM c LEFT JOIN counted ON counted.collection_id = c.id
  LEFT JOIN collection_members m ON m.workspace_id = $1 AND m.collection_id = c.id AND m.user_id = $2::uuid
  ORDER BY lower(c.name), c.id`

export function createCollectionsRepository(connection: Scopes): CollectionsRepository {
  const find = async (call: Call, id: string, sql: Sql = connection.tenant(call.actor)) => {
    const [row] = await sql.query<Row>(collectionsWhere('c.id = $3'), [call.actor.workspaceId, readerOf(call), id])
    return row && collectionOf(call, row)
  }

  return {
    async list(call) {
      const rows = await connection
        .tenant(call.actor)
        .query<Row>(collectionsWhere('true'), [call.actor.workspaceId, readerOf(call)])
      return rows.map((row) => collectionOf(call, row))
    },
    find: (call, id) => find(call, id),
    async readable(call, ids) {
      const rows = await connection.tenant(call.actor).query<{
        id: string
        embedding_model: string
        models: string[]
        version: string | number
      }>(
        `SELECT c.id, c.embedding_model, c.version, ARRAY(SELECT substr(t.lexeme, 2) FROM collection_terms t
           WHERE t.workspace_id = c.workspace_id AND t.collection_id = c.id AND t.lexeme >= ' ' AND t.lexeme < '!') AS models
         FROM collections c
         WHERE c.workspace_id = $1 AND ${isReadable('c', '$2')} AND ($3::uuid[] IS NULL OR c.id = ANY($3::uuid[]))
         ORDER BY c.id`,
        [call.actor.workspaceId, readerOf(call), ids ?? null],
      )
      return rows.map((row) => ({
        id: row.id,
        embeddingModel: row.embedding_model,
        models: row.models,
        version: String(row.version),
      }))
    },
    create(call, collection) {
      const { name, embeddingModel, description = '', tags = [], access = 'workspace' } = collection
      const { chunkProfile = defaultChunkProfile } = collection
      const { workspaceId, userId } = call.actor
      return connection.tenant(call.actor).transaction(async (tx) => {
        const [row] = await tx.query<{ id: string }>(
          `INSERT INTO collections (workspace_id, owner_id, name, embedding_model, description, tags, access, chunk_profile)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
           ON CONFLICT (workspace_id, name) DO NOTHING RETURNING id`,
          [workspaceId, userId, name, embeddingModel, description, tags, access, JSON.stringify(chunkProfile)],
        )
        if (!row) return undefined
        await addOwner(tx, call, row.id)
        return find(call, row.id, tx)
      })
    },
    change: (call, id, { name, description, tags, access, embeddingModel, chunkProfile }) =>
      connection
        .tenant(call.actor)
        .transaction(async (tx) => {
          const [row] = await tx.query(
            `UPDATE collections SET name = coalesce($3, name), description = coalesce($4, description),
               tags = coalesce($5, tags), access = coalesce($6, access), embedding_model = coalesce($7, embedding_model),
               chunk_profile = coalesce($8::jsonb, chunk_profile), version = version + 1, updated_at = now()
             WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id`,
            [
              call.actor.workspaceId,
              id,
              name ?? null,
              description ?? null,
              tags ?? null,
              access ?? null,
              embeddingModel ?? null,
              chunkProfile ? JSON.stringify(chunkProfile) : null,
            ],
          )
          // What is being made with what it was is given up, and begun again by the next look.
          if (embeddingModel !== undefined || chunkProfile !== undefined) {
            await giveUpOtherwiseMade(tx, call, id)
          }
          // Whoever closes the door stays inside.
          if (row && access === 'members') await addOwner(tx, call, id)
          return row && find(call, id, tx)
        })
        .catch((error: unknown) => {
          if (isUniqueViolation(error)) return 'name-taken' as const
          throw error
        }),
    goBack: (call, id, check) =>
      connection
        .tenant(call.actor)
        .transaction(async (tx) => ((await goBack(tx, call, id, check)) ? find(call, id, tx) : undefined)),
    async hide({ actor }, id) {
      // The name is free at once for another.
      const rows = await connection.tenant(actor).query(
        `UPDATE collections SET deleted_at = now(), name = 'deleted ' || id
         WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING 1`,
        [actor.workspaceId, id],
      )
      return rows.length > 0
    },
    async hidden() {
      const rows = await connection.system.query<{ workspace_id: string; id: string; owner_id: string }>(
        `SELECT workspace_id, id, owner_id FROM collections WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1000`,
      )
      return rows.map((row) => ({ workspaceId: row.workspace_id, id: row.id, ownerId: row.owner_id }))
    },
    takeHiddenDocuments: ({ actor }, id, limit) =>
      connection.tenant(actor).query<{ id: string; objectKey: string | null }>(
        `UPDATE documents d SET status = 'deleting', updated_at = clock_timestamp()
         FROM collections c
         WHERE d.workspace_id = $1 AND c.workspace_id = $1 AND c.id = $2 AND c.deleted_at IS NOT NULL AND d.collection_id = c.id
           AND d.id IN (SELECT id FROM documents WHERE workspace_id = $1 AND collection_id = $2 LIMIT $3)
         RETURNING d.id, d.object_key AS "objectKey"`,
        [actor.workspaceId, id, limit],
      ),
    async delete({ actor }, id) {
      await connection
        .tenant(actor)
        .query(`DELETE FROM collections WHERE workspace_id = $1 AND id = $2`, [actor.workspaceId, id])
    },
  }
}

const addOwner = (tx: Sql, { actor }: Call, collectionId: string) =>
  tx.query(
    `INSERT INTO collection_members (workspace_id, collection_id, user_id, role) VALUES ($1, $2, $3, 'owner')
     ON CONFLICT (workspace_id, collection_id, user_id) DO UPDATE SET role = 'owner'`,
    [actor.workspaceId, collectionId, actor.userId],
  )

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
  // A viewer of the workspace views, whatever else is written.
  role: actor.role === 'viewer' ? 'reader' : (row.role ?? roleInWorkspace[actor.role]),
  documentCount: row.document_count,
  embeddingModel: row.embedding_model,
  chunkProfile: ChunkProfile.parse(row.chunk_profile),
  reindexing: row.reindex_total > row.reindex_done ? { done: row.reindex_done, total: row.reindex_total } : null,
  createdAt: new Date(row.created_at).toISOString(),
})
