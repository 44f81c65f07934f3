import type { CollectionMember, WorkspaceMember } from '@nitroagi/shared/collections'
import type { Call } from '../../call.ts'
import type { CollectionMembersRepository } from './collection-members-port.ts'
import type { Scopes, Sql } from './connection.ts'

export function createCollectionMembersRepository(connection: Scopes): CollectionMembersRepository {
  /** Runs `change` while nobody else changes who is in; false when it left no owner, and then nothing has happened. */
  async function keepingAnOwner(call: Call, collectionId: string, change: (tx: Sql) => Promise<void>) {
    const scope = [call.actor.workspaceId, collectionId]
    try {
      await connection.tenant(call.actor).transaction(async (tx) => {
        await tx.query(`SELECT id FROM collections WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE`, scope)
        await change(tx)
        const owners = await tx.query(
          `SELECT 1 FROM collection_members WHERE workspace_id = $1 AND collection_id = $2 AND role = 'owner' LIMIT 1`,
          scope,
        )
        if (owners.length === 0) throw new NoOwnerLeft()
      })
      return true
    } catch (error) {
      if (error instanceof NoOwnerLeft) return false
      throw error
    }
  }

  return {
    people: ({ actor }) =>
      connection.tenant(actor).query<WorkspaceMember>(
        `SELECT u.id AS "userId", u.email, u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.workspace_id = $1 AND u.suspended_at IS NULL ORDER BY lower(coalesce(u.name, u.email)), u.email`,
        [actor.workspaceId],
      ),

    list: ({ actor }, collectionId) =>
      connection.tenant(actor).query<CollectionMember>(
        `SELECT u.id AS "userId", u.email, u.name,
           CASE WHEN w.role = 'viewer' THEN 'reader' ELSE m.role END AS role
         FROM collection_members m JOIN users u ON u.id = m.user_id
         JOIN memberships w ON w.workspace_id = m.workspace_id AND w.user_id = m.user_id
         WHERE m.workspace_id = $1 AND m.collection_id = $2
         ORDER BY array_position(ARRAY['owner', 'editor', 'reader'], m.role), lower(coalesce(u.name, u.email)), u.email`,
        [actor.workspaceId, collectionId],
      ),

    async set(call, collectionId, userId, role) {
      const done = await keepingAnOwner(call, collectionId, async (tx) => {
        await tx.query(
          `INSERT INTO collection_members (workspace_id, collection_id, user_id, role) VALUES ($1, $2, $3, $4)
           ON CONFLICT (workspace_id, collection_id, user_id) DO UPDATE SET role = excluded.role`,
          [call.actor.workspaceId, collectionId, userId, role],
        )
      })
      return done ? 'done' : 'last-owner'
    },

    async remove(call, collectionId, userId) {
      let removed = 0
      const done = await keepingAnOwner(call, collectionId, async (tx) => {
        const rows = await tx.query(
          `DELETE FROM collection_members WHERE workspace_id = $1 AND collection_id = $2 AND user_id = $3 RETURNING 1`,
          [call.actor.workspaceId, collectionId, userId],
        )
        removed = rows.length
      })
      if (!done) return 'last-owner'
      return removed > 0 ? 'done' : 'absent'
    },
  }
}

/** Rolls the change back. */
class NoOwnerLeft extends Error {}
