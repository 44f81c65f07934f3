import type { RunOptions } from '@nitroagi/shared/conversations'
import { Strategy } from '@nitroagi/shared/runs'

/**
 * How somebody wants a conversation to be answered; without a choice, the server chooses. No `collectionIds` are all
 * collections that one may read, an empty list is none of them.
 */
export type AnswerOptions = { strategy?: Strategy; model?: string; collectionIds?: string[] }

const nameOf = (conversation: string) => `nitro-options:${conversation}`

/** Lives as long as the tab, as what is typed does. */
export function readAnswerOptions(conversation: string): AnswerOptions {
  try {
    const kept = JSON.parse(sessionStorage.getItem(nameOf(conversation)) ?? '{}') as Record<string, unknown>
    const strategy = Strategy.safeParse(kept['strategy']).data
    return {
      ...(strategy ? { strategy } : {}),
      ...(typeof kept['model'] === 'string' ? { model: kept['model'] } : {}),
      ...(Array.isArray(kept['collectionIds'])
        ? { collectionIds: kept['collectionIds'].filter((id) => typeof id === 'string') }
        : {}),
    }
  } catch {
    return {}
  }
}

export function saveAnswerOptions(conversation: string, options: AnswerOptions): void {
  try {
    if (Object.keys(options).length > 0) sessionStorage.setItem(nameOf(conversation), JSON.stringify(options))
    else sessionStorage.removeItem(nameOf(conversation))
  } catch {
    // A browser without storage: the choice is as good as not made, and the server chooses.
  }
}

/** What is sent along with a message; nothing when nothing was chosen. */
export function optionsFor(conversation: string): RunOptions | undefined {
  const options = readAnswerOptions(conversation)
  return Object.keys(options).length > 0 ? options : undefined
}
