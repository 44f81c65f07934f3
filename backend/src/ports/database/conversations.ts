import type { Conversation, StoredMessage } from '@nitroagi/shared/conversations'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../../call.ts'
import type { Scopes } from './connection.ts'
import type { ConversationsRepository } from './conversations-port.ts'
import { translateFailures } from './failures.ts'
import { feedbackJson } from './feedback.ts'

export function createConversationsRepository({ tenant }: Scopes): ConversationsRepository {
  return {
    create: (call, title) =>
      translateFailures(async () => {
        const { workspaceId, userId: ownerId } = call.actor
        const { id, createdAt, updatedAt } = await tenant(call.actor).prisma((prisma) =>
          prisma.conversation.create({ data: { workspaceId, ownerId, title } }),
        )
        return { id, title, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), activeRunId: null }
      }),

    async list(call, { limit, cursor }) {
      const [updatedAt, id] = cursor === undefined ? [null, null] : readCursor(cursor)
      const rows = await tenant(call.actor).prepared<Row & { exact: string }>(
        'conversations-list',
        `SELECT ${columns}, c.updated_at::text AS exact FROM conversations c
         WHERE c.workspace_id = $1 AND c.owner_id = $2 AND ($3::timestamptz IS NULL OR (c.updated_at, c.id) < ($3, $4))
         ORDER BY c.updated_at DESC, c.id DESC LIMIT $5`,
        [...owner(call), updatedAt, id, limit + 1],
      )
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      return {
        items: items.map(toConversation),
        nextCursor:
          rows.length > limit && last ? Buffer.from(JSON.stringify([last.exact, last.id])).toString('base64url') : null,
      }
    },

    async find(call, id) {
      const [row] = await tenant(call.actor).prepared<Row & { messages: StoredMessage[] | null }>(
        'conversation-find',
        `SELECT ${columns}, (
           SELECT json_agg(json_build_object('id', m.id, 'parentId', m.parent_id, 'role', m.role, 'parts', m.parts,
             'runId', m.run_id, 'createdAt', to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
             'feedback', CASE WHEN f.message_id IS NOT NULL THEN ${feedbackJson} END)
             ORDER BY m.created_at, m.id)
           FROM messages m LEFT JOIN message_feedback f
             ON f.workspace_id = m.workspace_id AND f.message_id = m.id AND f.user_id = $2
           WHERE m.workspace_id = c.workspace_id AND m.conversation_id = c.id) AS messages
         FROM conversations c WHERE ${mine}`,
        [...owner(call), id],
      )
      return row && { ...toConversation(row), messages: row.messages ?? [] }
    },

    rename: (call, id, title) =>
      translateFailures(async () => {
        const { workspaceId, userId: ownerId } = call.actor
        const { count } = await tenant(call.actor).prisma((prisma) =>
          prisma.conversation.updateMany({ where: { workspaceId, ownerId, id }, data: { title } }),
        )
        if (count === 0) return undefined
        const [row] = await tenant(call.actor).query<Row>(`SELECT ${columns} FROM conversations c WHERE ${mine}`, [
          ...owner(call),
          id,
        ])
        return row && toConversation(row)
      }),

    async delete(call, id) {
      // Committed by itself: from here on a run that is still writing finds its lease lost, and adds nothing.
      await tenant(call.actor).query(
        `UPDATE runs r SET lease_fence = r.lease_fence + 1 FROM conversations c
         WHERE ${mine} AND r.workspace_id = c.workspace_id AND r.conversation_id = c.id
           AND r.status IN ('pending', 'running')`,
        [...owner(call), id],
      )
      return tenant(call.actor).transaction(async (tx) => {
        const [found] = await tx.query(`SELECT c.id FROM conversations c WHERE ${mine} FOR UPDATE`, [
          ...owner(call),
          id,
        ])
        if (!found) return undefined
        const runs = await tx.query<{ id: string; active: boolean }>(
          `SELECT id, status IN ('pending', 'running') AS active FROM runs WHERE workspace_id = $1 AND conversation_id = $2`,
          [call.actor.workspaceId, id],
        )
        // Their rows stay until their bytes are gone.
        await tx.query(
          `UPDATE attachments SET state = 'deleting', conversation_id = NULL, message_id = NULL
           WHERE workspace_id = $1 AND conversation_id = $2`,
          [call.actor.workspaceId, id],
        )
        await tx.query(`DELETE FROM conversations c WHERE ${mine}`, [...owner(call), id])
        // Last, for what was on its way when the leases were taken.
        await tx.query(
          `DELETE FROM run_events WHERE workspace_id = $1 AND run_id IN (SELECT value::uuid FROM json_array_elements_text($2::json))`,
          [call.actor.workspaceId, JSON.stringify(runs.map((run) => run.id))],
        )
        return { activeRunIds: runs.filter((run) => run.active).map((run) => run.id) }
      })
    },
  }
}

interface Row {
  id: string
  title: string
  created_at: Date
  updated_at: Date
  active_run_id: string | null
}

const columns = `c.id, c.title, c.created_at, c.updated_at, (
  SELECT r.id FROM runs r WHERE r.workspace_id = c.workspace_id AND r.conversation_id = c.id
  AND r.status IN ('pending', 'running')) AS active_run_id`
const mine = 'c.workspace_id = $1 AND c.owner_id = $2 AND c.id = $3'
const owner = ({ actor }: Call) => [actor.workspaceId, actor.userId]

const toConversation = (row: Row): Conversation => ({
  id: row.id,
  title: row.title,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  activeRunId: row.active_run_id,
})

function readCursor(cursor: string): [string, string] {
  try {
    const [updatedAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string]
    if (!Number.isNaN(Date.parse(updatedAt)) && /^[0-9a-f-]{36}$/.test(id)) return [updatedAt, id]
  } catch {
    // Falls through to the one answer for every cursor that we did not make.
  }
  throw new NitroError('invalid_input', 'cursor: take it from the nextCursor of the page before')
}
