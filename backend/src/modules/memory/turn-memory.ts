import type { Call } from '../../call.ts'
import type { Note, WorkingMemory } from '../../ports/working-memory/port.ts'
import type { Turn } from '../module.ts'
import { gistOf, rollSummary, shortQuestion } from './gist.ts'
import { isRebuilt, recollect, subjectAfter, type Recollected } from './recollect.ts'

export interface AnsweredTurn {
  conversationId: string
  messageId: string
  question: string
  /** The answer; undefined when there is none to remember. */
  answer: { text: string; sources: readonly { title: string; quote: string }[] } | undefined
}

export type TurnMemory = ReturnType<typeof createTurnMemory>

/** What a conversation has in mind: recalled before an answer, and noted after it. */
export function createTurnMemory({
  workingMemory,
  now = Date.now,
}: {
  workingMemory: WorkingMemory
  now?: () => number
}) {
  /** What runs that still write have recalled; a conversation has one such run at most. */
  const recalled = new Map<string, Recollected>()
  const scopeOf = ({ actor }: Call, conversationId: string) => ({ workspaceId: actor.workspaceId, conversationId })
  const keyOf = ({ actor }: Call, conversationId: string) => `${actor.workspaceId}:${conversationId}`

  return {
    /** One round trip. Never rejects: without the memory the conversation itself is gone through. */
    async recall(
      call: Call,
      { conversationId, question, history }: { conversationId: string; question: string; history: readonly Turn[] },
    ): Promise<Recollected & { isAway: boolean }> {
      let isAway = false
      const remembered = await workingMemory.recall(scopeOf(call, conversationId)).catch((error: unknown) => {
        isAway = true
        call.log.warn('working-memory-away', { error })
        return { notes: [], summary: '' }
      })
      const recollected = recollect(question, history, remembered, now())
      if (!call.signal.aborted) recalled.set(keyOf(call, conversationId), recollected)
      return { ...recollected, isAway }
    },

    /** Notes a turn that has ended, and sums up what falls out for it. Never rejects: the messages are kept elsewhere. */
    async ended(call: Call, { conversationId, messageId, question, answer }: AnsweredTurn): Promise<void> {
      const key = keyOf(call, conversationId)
      const before = recalled.get(key)
      recalled.delete(key)
      if (!answer || answer.text.trim() === '') return
      const scope = scopeOf(call, conversationId)
      const short = shortQuestion(question)
      const note: Note = {
        id: messageId,
        question: short,
        gist: gistOf(answer.text, answer.sources),
        subject: subjectAfter(short, before?.held[0]),
        createdAtMs: now(),
        relevance: 1,
        usedAtMs: now(),
        uses: 0,
      }
      try {
        const { fellOut, summary } = await workingMemory.remember(scope, [...changed(before), note])
        if (fellOut.length > 0) {
          await workingMemory.summarise(scope, rollSummary(summary || (before?.summary ?? ''), fellOut.toReversed()))
        }
      } catch (error) {
        call.log.warn('turn-not-noted', { error })
      }
    },

    /** A conversation that is deleted is forgotten; should that fail, it fades within a day. */
    forget: (call: Call, conversationId: string): Promise<void> =>
      workingMemory
        .forget(scopeOf(call, conversationId))
        .catch((error: unknown) => call.log.warn('conversation-not-forgotten', { error })),

    check: () => workingMemory.check(),
  }
}

/** What was of use is the stronger for it; what had to be rebuilt is noted again. */
function changed(before: Recollected | undefined): Note[] {
  if (!before) return []
  const used = new Map(before.notes.map((note) => [note.id, note]))
  return before.held.flatMap((note) => used.get(note.id) ?? (isRebuilt(note) ? [note] : []))
}
