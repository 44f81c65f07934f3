import type { Module } from '../module.ts'
import type { TurnMemory } from './turn-memory.ts'

/** Brings what was said earlier in the conversation and bears on the question. */
export function createMemoryModule({ turns }: { turns: Pick<TurnMemory, 'recall' | 'check'> }): Module {
  return {
    manifest: {
      name: 'memory',
      description: 'Recalls what was said earlier in a conversation, and what a follow-up question is about.',
      capabilities: ['recall', 'memory'],
      cost: 'free',
      latency: 'instant',
      needs: [],
    },
    async health() {
      const detail = await turns.check()
      return { status: 'ok', detail: detail ?? null }
    },
    async test() {
      return (await turns.check()) ?? 'Working memory answers'
    },
    async *run(call, { conversationId, question, history }) {
      if (conversationId === undefined) return
      const { notes, summary, subject, isAway } = await turns.recall(call, { conversationId, question, history })
      if (call.signal.aborted) return
      yield {
        type: 'recollection',
        recalled: { notes: notes.map(({ question, gist }) => ({ question, gist })), summary, subject },
      }
      yield {
        type: 'report',
        summary: [
          notes.length === 0
            ? 'No earlier turn bears on this'
            : `Recalled ${notes.length} note${notes.length === 1 ? '' : 's'}`,
          ...(isAway ? [' from the messages, because working memory is away'] : []),
          ...(subject === undefined ? [] : [`; taken to be about ${subject}`]),
        ].join(''),
      }
    },
  }
}
