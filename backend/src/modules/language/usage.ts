import type { LanguageModelV4Prompt, LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '@nitroagi/shared/runs'
import type { Price } from '../../ports/language-model/port.ts'

interface Spoken {
  prompt: LanguageModelV4Prompt
  answer: string
}

/** The provider's own counts where it gives them; otherwise estimates, marked as such. */
export function accountFor(counted: LanguageModelV4Usage | undefined, price: Price | null, spoken: Spoken): Usage {
  const input = wholeCount(counted?.inputTokens.total)
  const output = wholeCount(counted?.outputTokens.total)
  const inputTokens = input ?? estimateTokens(promptText(spoken.prompt))
  const outputTokens = output ?? estimateTokens(spoken.answer)
  return {
    inputTokens,
    outputTokens,
    estimated: input === undefined || output === undefined,
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
