import type { Scopes } from './connection.ts'
import { indexSettings, isNoImport, reindexable } from './index-settings.ts'
import type { ReindexingRepository } from './reindexing-port.ts'

/** What failed with these very settings would fail again; a person tries it again when they have changed something. */
const isOutdated = `(d.status = 'ready' AND ${reindexable('d')} AND d.indexed_with IS DISTINCT FROM ${indexSettings('c')}
    OR d.status = 'failed' AND d.extracted_version = d.pending_version AND d.pending_with <> ${indexSettings('c')})
  AND ${isNoImport('d')}`

export function createReindexingRepository({ tenant, system }: Scopes): ReindexingRepository {
  return {
    async collections() {
      const rows = await system.query<{ workspace_id: string; id: string; owner_id: string }>(
        `SELECT c.workspace_id, c.id, c.owner_id FROM collections c
         WHERE c.deleted_at IS NULL AND EXISTS (
           SELECT 1 FROM documents d WHERE d.workspace_id = c.workspace_id AND d.collection_id = c.id AND ${isOutdated})`,
      )
      return rows.map((row) => ({ workspaceId: row.workspace_id, collectionId: row.id, ownerId: row.owner_id }))
    },

    async outdated({ actor }, collectionId, limit) {
      const rows = await tenant(actor).query<{ id: string }>(
        `SELECT d.id FROM documents d JOIN collections c ON c.workspace_id = d.workspace_id AND c.id = d.collection_id
         WHERE d.workspace_id = $1 AND d.collection_id = $2 AND c.deleted_at IS NULL AND ${isOutdated}
         ORDER BY d.created_at, d.id LIMIT $3`,
        [actor.workspaceId, collectionId, limit],
      )
      return rows.map(({ id }) => id)
    },

    async underway({ actor }, collectionId) {
      const [row] = await tenant(actor).query<{ count: number }>(
        `SELECT count(*)::int AS count FROM documents
         WHERE workspace_id = $1 AND collection_id = $2 AND version > 0 AND paused_at IS NULL
           AND status IN ('received', 'extracting', 'embedding')`,
        [actor.workspaceId, collectionId],
      )
      return row?.count ?? 0
    },
  }
}
