import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider'
import type { AskedCall } from './toolbox.ts'

type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content']
type SpokenPart = Extract<AssistantContent[number], { type: 'text' | 'reasoning' }>

/** What a model said in one call, as it has to be told to it again in the next. */
export function createSaid() {
  const content: AssistantContent = []
  const open = new Map<string, SpokenPart>()
  const calls: AskedCall[] = []
  const callIds = new Set<string>()
  let text = ''

  /** Some providers sign what was thought and called, and take it back only with the signature. */
  function grow(type: SpokenPart['type'], part: { id: string; delta?: string; providerMetadata?: Metadata }): void {
    const key = `${type} ${part.id}`
    const known = open.get(key)
    const spoken: SpokenPart = known ?? { type, text: '' }
    if (!known) {
      open.set(key, spoken)
      content.push(spoken)
    }
    spoken.text += part.delta ?? ''
    if (part.providerMetadata) spoken.providerOptions = part.providerMetadata
  }

  return {
    text: () => text,
    /** All that was written, calls included, for an estimate of its tokens. */
    written: () => [text, ...calls.map(({ toolName, input }) => `${toolName} ${input}`)].join('\n').trim(),
    calls,
    take(part: LanguageModelV4StreamPart): void {
      switch (part.type) {
        case 'text-start':
        case 'text-delta':
        case 'text-end':
          grow('text', part)
          if (part.type === 'text-delta') text += part.delta
          return
        case 'reasoning-start':
        case 'reasoning-delta':
        case 'reasoning-end':
          return grow('reasoning', part)
        case 'tool-call': {
          if (part.providerExecuted) return
          const { input, providerMetadata } = part
          // Results are told apart by the id, so two calls may not share one.
          const isNew = part.toolCallId !== '' && !callIds.has(part.toolCallId)
          const toolCallId = isNew ? part.toolCallId : `call_${calls.length}_${callIds.size}`
          callIds.add(toolCallId)
          const toolName = part.toolName.replace(/[^\w-]/g, '_').slice(0, 64) || 'unnamed'
          calls.push({ toolCallId, toolName, input })
          content.push({
            type: 'tool-call',
            toolCallId,
            toolName,
            input: objectIn(input),
            ...(providerMetadata ? { providerOptions: providerMetadata } : {}),
          })
        }
      }
    },
    /** The same, and what the tools gave, for the end of the next prompt. */
    withResults: (results: LanguageModelV4ToolResultPart[]): LanguageModelV4Prompt => [
      { role: 'assistant', content: content.filter((part) => part.type !== 'text' || part.text !== '') },
      { role: 'tool', content: results },
    ],
  }
}

type Metadata = SpokenPart['providerOptions']

/** Providers take objects only; what was none is told in the result. */
function objectIn(input: string): object {
  try {
    const value: unknown = JSON.parse(input)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}
