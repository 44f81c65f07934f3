import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
} from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { ChatMessage } from '@nitroagi/shared/openai'
import type { Attachment, Turn } from '../../modules/module.ts'
import { askedAbout } from '../../services/asked-about.ts'
import type { Images } from './images.ts'

/** The words of a message. Refusals are words as well. */
export function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content
  return (content ?? []).flatMap((part) => part.text ?? part.refusal ?? []).join('\n')
}

export const imageUrlsIn = (message: ChatMessage): string[] =>
  message.role === 'user' && Array.isArray(message.content)
    ? message.content.flatMap((part) => (part.type === 'image_url' && part.image_url ? [part.image_url.url] : []))
    : []

const isInstruction = (message: ChatMessage) => message.role === 'system' || message.role === 'developer'

interface Question {
  question: string
  /** What came with it and, when it goes on about them, with the turns before. */
  attachments?: Attachment[]
  history: Turn[]
  instructions: string | undefined
}

/** The last thing that the user said, what was said before it, and how it shall be answered. */
export function asQuestion(messages: readonly ChatMessage[], images: Images): Question {
  const last = messages.findLastIndex((message) => !isInstruction(message))
  if (messages[last]?.role !== 'user') throw refuse('messages', 'The last message must be from the user')
  const question = textOf(messages[last].content)
  if (question.trim() === '') throw refuse(`messages.${last}.content`, 'Write a message first')
  if (question.length > limits.messageCharacters) {
    throw refuse(`messages.${last}.content`, `A message holds at most ${limits.messageCharacters} characters`)
  }
  const instructions = messages.filter(isInstruction).map((message) => textOf(message.content))
  const turns = messages
    .slice(0, last)
    .filter((message) => !isInstruction(message))
    .map((message): Turn => ({ role: message.role === 'user' ? 'user' : 'assistant', text: textOf(message.content) }))
  const said = messages.slice(0, last).filter(({ role }) => role === 'user')
  const own = imageUrlsIn(messages[last])
  const earlier = askedAbout(question, own.length, said.map(imageUrlsIn))
  const shown = [...new Set([...earlier, ...own])].flatMap((url) => images.get(url) ?? [])
  return {
    question,
    ...(shown.length > 0 ? { attachments: shown } : {}),
    history: turns.filter((turn) => turn.text.trim() !== ''),
    instructions: instructions.join('\n\n') || undefined,
  }
}

/** The same messages for a model by itself, tool calls and their results included. */
export function asPrompt(messages: readonly ChatMessage[], images: Images): LanguageModelV4Prompt {
  const toolNames = new Map<string, string>()
  return messages.map((message, index): LanguageModelV4Message => {
    const text = textOf(message.content)
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: text }
      case 'user':
        return { role: 'user', content: userContent(message, images) ?? [{ type: 'text', text }] }
      case 'assistant': {
        const calls = (message.tool_calls ?? []).map((call): LanguageModelV4ToolCallPart => {
          toolNames.set(call.id, call.function.name)
          const input = parseArguments(call.function.arguments, index)
          return { type: 'tool-call', toolCallId: call.id, toolName: call.function.name, input }
        })
        return { role: 'assistant', content: [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...calls] }
      }
      case 'tool': {
        const toolName = toolNames.get(message.tool_call_id)
        if (toolName === undefined) {
          throw refuse(
            `messages.${index}.tool_call_id`,
            `No earlier message calls a tool with the id ${message.tool_call_id}`,
          )
        }
        return {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: message.tool_call_id, toolName, output: { type: 'text', value: text } },
          ],
        }
      }
    }
  })
}

/** In their order, because a text may speak of the image before it; undefined without images. */
function userContent(
  { content }: Extract<ChatMessage, { role: 'user' }>,
  images: Images,
): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] | undefined {
  if (typeof content === 'string' || content.every(({ type }) => type !== 'image_url')) return undefined
  return content.flatMap((part): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] => {
    if (part.type !== 'image_url') return [{ type: 'text', text: part.text ?? part.refusal ?? '' }]
    const image = images.get(part.image_url?.url ?? '')
    return image ? [image.part] : []
  })
}

function parseArguments(json: string, index: number): unknown {
  try {
    return JSON.parse(json.trim() === '' ? '{}' : json)
  } catch (cause) {
    throw refuse(`messages.${index}.tool_calls`, 'The arguments of a tool call must be JSON', cause)
  }
}

export const refuse = (path: string, message: string, cause?: unknown) =>
  new NitroError('invalid_input', message, { details: [{ path, message }], cause })
