import type { Feedback, GiveFeedback } from '@nitroagi/shared/feedback'
import type { Call } from '../../call.ts'

/** Both see messages in the caller's own conversations and nothing else; undefined when the message is not there. */
export interface FeedbackRepository {
  /** Takes the place of what the caller had said before; `stored` is null when the message is not an answer. */
  put(call: Call, messageId: string, feedback: GiveFeedback): Promise<{ stored: Feedback | null } | undefined>
  delete(call: Call, messageId: string): Promise<{ isAnswer: boolean } | undefined>
}
