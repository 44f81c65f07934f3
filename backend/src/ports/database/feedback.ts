import type { Feedback } from '@nitroagi/shared/feedback'
import type { Call } from '../../call.ts'
import type { Scopes } from './connection.ts'
import type { FeedbackRepository } from './feedback-port.ts'

export function createFeedbackRepository({ tenant }: Scopes): FeedbackRepository {
  return {
    async put(call, messageId, { rating, reason, correction }) {
      const [row] = await tenant(call.actor).query<{ stored: Feedback | null }>(
        `WITH message AS (${mine}), stored AS (
           INSERT INTO message_feedback AS f (workspace_id, message_id, user_id, rating, reason, correction)
           SELECT $1, id, $2, $4, $5, $6 FROM message WHERE role = 'assistant'
           ON CONFLICT (workspace_id, message_id, user_id) DO UPDATE
           SET rating = excluded.rating, reason = excluded.reason, correction = excluded.correction, updated_at = now()
           RETURNING ${feedbackJson} AS stored)
         SELECT stored.stored FROM message LEFT JOIN stored ON true`,
        [...owner(call), messageId, rating, reason ?? null, correction ?? null],
      )
      return row
    },

    async delete(call, messageId) {
      const [row] = await tenant(call.actor).query<{ isAnswer: boolean }>(
        `WITH message AS (${mine}), gone AS (
           DELETE FROM message_feedback f USING message
           WHERE f.workspace_id = $1 AND f.message_id = message.id AND f.user_id = $2)
         SELECT role = 'assistant' AS "isAnswer" FROM message`,
        [...owner(call), messageId],
      )
      return row
    },
  }
}

/** A row `f` of message_feedback as the API shows it. */
export const feedbackJson = `json_build_object('rating', f.rating, 'reason', f.reason, 'correction', f.correction,
  'updatedAt', to_char(f.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`

const mine = `SELECT m.id, m.role FROM messages m
  JOIN conversations c ON c.workspace_id = m.workspace_id AND c.id = m.conversation_id
  WHERE m.workspace_id = $1 AND c.owner_id = $2 AND m.id = $3`
const owner = ({ actor }: Call) => [actor.workspaceId, actor.userId]
