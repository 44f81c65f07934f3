import type {
  Conversation,
  ConversationDetail,
  CreateConversation,
  UpdateConversation,
} from '@nitroagi/shared/conversations'
import { NitroError } from '@nitroagi/shared/errors'
import type { Page, PageQuery } from '@nitroagi/shared/paging'
import type { Call } from '../call.ts'
import type { ConversationsRepository } from '../ports/database/conversations-port.ts'
import type { LiveRuns } from '../runs/live-runs.ts'

export type Conversations = ReturnType<typeof createConversations>

export function createConversations({
  repository,
  liveRuns,
  onDelete,
}: {
  repository: ConversationsRepository
  liveRuns: Pick<LiveRuns, 'get'>
  /** What else is held of it goes too. Never rejects. */
  onDelete?(call: Call, id: string): Promise<void>
}) {
  return {
    create: (call: Call, { title }: CreateConversation): Promise<Conversation> => repository.create(call, title ?? ''),

    list: (call: Call, page: PageQuery): Promise<Page<Conversation>> => repository.list(call, page),

    find: async (call: Call, id: string): Promise<ConversationDetail> => found(await repository.find(call, id)),

    rename: async (call: Call, id: string, { title }: UpdateConversation): Promise<Conversation> =>
      found(await repository.rename(call, id, title)),

    async delete(call: Call, id: string): Promise<void> {
      const { activeRunIds } = found(await repository.delete(call, id))
      for (const runId of activeRunIds) liveRuns.get(runId)?.end('deleted')
      await onDelete?.(call, id)
    },
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new NitroError('not_found', 'This conversation does not exist')
  return value
}
