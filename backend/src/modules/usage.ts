import type { LanguageModelV4Prompt, LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '@nitroagi/shared/runs'
import type { Price } from '../ports/language-model/port.ts'

interface Spoken {
  prompt: LanguageModelV4Prompt
  answer: string
}

export interface Bill {
  price: Price | null
  /** Calls that had the prompt and whose answer nobody waited for. */
  abandonedCalls?: number
}

/**
 * The provider's own counts where it gives them; otherwise estimates, marked as such. A call that was given up is
 * counted as its prompt, which is the least that providers ask for it.
 */
export function accountFor(
  counted: LanguageModelV4Usage | undefined,
  { price, abandonedCalls = 0 }: Bill,
  spoken: Spoken,
): Usage {
  const input = wholeCount(counted?.inputTokens.total)
  const output = wholeCount(counted?.outputTokens.total)
  const inputTokens = (input ?? estimateTokens(promptText(spoken.prompt))) * (1 + abandonedCalls)
  const outputTokens = output ?? estimateTokens(spoken.answer)
  return {
    inputTokens,
    outputTokens,
    estimated: input === undefined || output === undefined || abandonedCalls > 0,
    costUsd: price && (inputTokens * price.inputUsd + outputTokens * price.outputUsd) / 1_000_000,
  }
}

/** Providers have been seen to send NaN and negative numbers. */
const wholeCount = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined

/** Four characters of an alphabet make a token in today's models, or one of a script such as Han. */
export function estimateTokens(text: string): number {
  let quarters = 0
  for (const character of text) quarters += character.codePointAt(0)! >= 0x2e80 ? 4 : 1
  return Math.ceil(quarters / 4)
}

const promptText = (prompt: LanguageModelV4Prompt): string =>
  prompt
    .flatMap((message) =>
      typeof message.content === 'string'
        ? [message.content]
        : message.content.map((part) => (part.type === 'text' ? part.text : '')),
    )
    .join('\n')
