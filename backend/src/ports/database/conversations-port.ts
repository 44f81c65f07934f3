import type { Conversation, ConversationDetail } from '@nitroagi/shared/conversations'
import type { Page, PageQuery } from '@nitroagi/shared/paging'
import type { Call } from '../../call.ts'

/** Every method sees the caller's own conversations in their workspace, and nothing else. */
export interface ConversationsRepository {
  create(call: Call, title: string): Promise<Conversation>
  /** Newest first. A cursor that is not ours is `invalid_input`. */
  list(call: Call, page: PageQuery): Promise<Page<Conversation>>
  /** With its messages, oldest first; undefined when it is not there. */
  find(call: Call, id: string): Promise<ConversationDetail | undefined>
  rename(call: Call, id: string, title: string): Promise<Conversation | undefined>
  /** Deletes it with its messages, runs and logs, and leaves its attachments to be cleared; returns the runs that were still writing, undefined when not there. */
  delete(call: Call, id: string): Promise<{ activeRunIds: string[] } | undefined>
}
