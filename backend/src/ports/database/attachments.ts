import type { Call } from '../../call.ts'
import type { AttachmentsRepository, LooseAttachment, StoredAttachment } from './attachments-port.ts'
import type { Scopes } from './connection.ts'

export function createAttachmentsRepository({ tenant, system }: Scopes): AttachmentsRepository {
  return {
    async begin(call, { id, name, objectKey, unsentAtMost }) {
      const rows = await tenant(call.actor).query(
        `INSERT INTO attachments (workspace_id, owner_id, id, name, object_key)
         SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5
         WHERE (SELECT count(*) FROM attachments WHERE workspace_id = $1::uuid AND owner_id = $2::uuid
           AND message_id IS NULL AND state <> 'deleting') < $6::int
         RETURNING 1`,
        [...owner(call), id, name, objectKey, unsentAtMost],
      )
      return rows.length > 0
    },

    async complete(call, id, { mediaType, sizeBytes, width, height, sha256 }) {
      const [row] = await tenant(call.actor).query<Row>(
        `UPDATE attachments SET state = 'ready', media_type = $4, size_bytes = $5, width = $6, height = $7, sha256 = $8
         WHERE workspace_id = $1 AND owner_id = $2 AND id = $3 AND state = 'arriving' RETURNING ${columns}`,
        [...owner(call), id, mediaType, sizeBytes, width, height, sha256],
      )
      return row && toAttachment(row)
    },

    async findAll(call, ids) {
      const rows = await tenant(call.actor).query<Row>(
        `SELECT ${columns} FROM attachments WHERE workspace_id = $1 AND owner_id = $2 AND state = 'ready'
         AND id IN (SELECT value::uuid FROM json_array_elements_text($3::json))`,
        [...owner(call), JSON.stringify(ids)],
      )
      return rows.map(toAttachment)
    },

    abandon: (call, id) => loosen(call, id, 'arriving'),
    discard: (call, id) => loosen(call, id, 'ready'),

    loose: ({ unsentForSeconds, limit, workspaceId }) =>
      (workspaceId === undefined ? system : tenant({ workspaceId })).query<LooseAttachment>(
        `UPDATE attachments SET state = 'deleting' WHERE (workspace_id, id) IN (
           SELECT workspace_id, id FROM attachments
           WHERE message_id IS NULL AND ($3::uuid IS NULL OR workspace_id = $3)
             AND (state = 'deleting' OR created_at < now() - make_interval(secs => $1))
           ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING ${looseColumns}`,
        [unsentForSeconds, limit, workspaceId ?? null],
      ),

    async remove(attachments) {
      await system.query(
        `DELETE FROM attachments a USING json_to_recordset($1::json) AS g("workspaceId" uuid, id uuid)
         WHERE a.workspace_id = g."workspaceId" AND a.id = g.id AND a.state = 'deleting'`,
        [JSON.stringify(attachments)],
      )
    },
  }

  async function loosen(call: Call, id: string, from: 'arriving' | 'ready'): Promise<LooseAttachment | undefined> {
    const [row] = await tenant(call.actor).query<LooseAttachment>(
      `UPDATE attachments SET state = 'deleting'
       WHERE workspace_id = $1 AND owner_id = $2 AND id = $3 AND message_id IS NULL AND state = $4
       RETURNING ${looseColumns}`,
      [...owner(call), id, from],
    )
    return row
  }
}

interface Row {
  id: string
  name: string
  media_type: string
  size_bytes: string | number | bigint
  width: number | null
  height: number | null
  object_key: string
}

const columns = 'id, name, media_type, size_bytes, width, height, object_key'
const looseColumns = 'workspace_id AS "workspaceId", id, object_key AS "objectKey"'
const owner = ({ actor }: Call) => [actor.workspaceId, actor.userId]

const toAttachment = (row: Row): StoredAttachment => ({
  id: row.id,
  name: row.name,
  mediaType: row.media_type,
  sizeBytes: Number(row.size_bytes),
  width: row.width,
  height: row.height,
  objectKey: row.object_key,
})
