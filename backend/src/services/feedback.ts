import { NitroError } from '@nitroagi/shared/errors'
import type { Feedback, GiveFeedback } from '@nitroagi/shared/feedback'
import type { Call } from '../call.ts'
import type { FeedbackRepository } from '../ports/database/feedback-port.ts'

export type FeedbackService = ReturnType<typeof createFeedback>

/** What people think of the answers in their own conversations. */
export function createFeedback({ repository }: { repository: FeedbackRepository }) {
  return {
    async give(call: Call, messageId: string, feedback: GiveFeedback): Promise<Feedback> {
      const found = await repository.put(call, messageId, feedback)
      if (!found) throw notFound()
      if (!found.stored) throw notAnswer()
      return found.stored
    },

    /** Taking back what was never said changes nothing. */
    async takeBack(call: Call, messageId: string): Promise<void> {
      const found = await repository.delete(call, messageId)
      if (!found) throw notFound()
      if (!found.isAnswer) throw notAnswer()
    },
  }
}

const notFound = () => new NitroError('not_found', 'This message does not exist')
const notAnswer = () => new NitroError('invalid_input', 'Only an answer takes feedback, not your own message')
