import type { LanguageModelV4Prompt, LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '@nitroagi/shared/runs'
import type { Price } from '../ports/language-model/port.ts'

interface Spoken {
  prompt: LanguageModelV4Prompt
  answer: string
  /** An estimate of what the images of the prompt took. */
  imageTokens?: number | undefined
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
  const inputTokens =
    (input ?? estimateTokens(promptText(spoken.prompt)) + (spoken.imageTokens ?? 0)) * (1 + abandonedCalls)
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

const promptText = (prompt: LanguageModelV4Prompt): string => textsIn(prompt).join('\n')

/** How many characters of text a prompt holds; images and recordings, which are counted otherwise, are left out. */
export const charactersIn = (prompt: LanguageModelV4Prompt): number =>
  textsIn(prompt).reduce((sum, text) => sum + text.length, 0)

function textsIn(prompt: LanguageModelV4Prompt): string[] {
  return prompt.flatMap(({ content }) =>
    typeof content === 'string'
      ? [content]
      : content.map((part) => {
          switch (part.type) {
            case 'text':
            case 'reasoning':
              return part.text
            case 'tool-call':
              return `${part.toolName} ${JSON.stringify(part.input)}`
            case 'tool-result':
              return part.output.type === 'text' || part.output.type === 'error-text' ? part.output.value : ''
            default:
              return ''
          }
        }),
  )
}

/** Of two calls; what one of them does not know, nobody knows of the sum. */
export const addUsage = (one: Usage, other: Usage): Usage => ({
  inputTokens: add(one.inputTokens, other.inputTokens),
  outputTokens: add(one.outputTokens, other.outputTokens),
  estimated: one.estimated || other.estimated,
  costUsd: add(one.costUsd, other.costUsd),
})

const add = (one: number | null, other: number | null) => (one === null || other === null ? null : one + other)
