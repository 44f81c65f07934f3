import type { NitroPart } from '@nitroagi/shared/runs'
import type { Scopes } from './connection.ts'
import type { MessagesRepository } from './messages-port.ts'

export function createMessagesRepository({ tenant }: Scopes): MessagesRepository {
  return {
    async find({ actor }, messageId) {
      const [row] = await tenant(actor).query<{ role: string; parts: NitroPart[] }>(
        `SELECT m.role, m.parts FROM messages m
         JOIN conversations c ON c.workspace_id = m.workspace_id AND c.id = m.conversation_id
         WHERE m.workspace_id = $1 AND c.owner_id = $2 AND m.id = $3`,
        [actor.workspaceId, actor.userId, messageId],
      )
      return row
    },
  }
}
