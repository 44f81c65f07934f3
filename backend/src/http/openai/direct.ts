import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4FunctionTool,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { ChatCompletionRequest, FinishReason } from '@nitroagi/shared/openai'
import type { Call } from '../../call.ts'
import { detourSentence, type Answered, type NamedModel } from '../../ports/language-model/port.ts'
import { readImages, type Images } from './images.ts'
import { asPrompt, textOf } from './messages.ts'
import { estimateTokens, type Ending, type Piece, type Pieces } from './pieces.ts'

/** A provider's model by itself: the messages, tools and settings go to it as they came. */
export async function* answerDirectly(named: NamedModel, call: Call, request: ChatCompletionRequest): Pieces {
  const options = optionsOf(request, await readImages(request.messages))
  return yield* tell(named, { ...options, abortSignal: call.signal }, () => estimatePrompt(request))
}

function optionsOf(request: ChatCompletionRequest, images: Images): LanguageModelV4CallOptions {
  const { stop, tool_choice: toolChoice, response_format: format } = request
  return {
    prompt: asPrompt(request.messages, images),
    ...given('maxOutputTokens', request.max_completion_tokens ?? request.max_tokens),
    ...given('temperature', request.temperature),
    ...given('topP', request.top_p),
    ...given('presencePenalty', request.presence_penalty),
    ...given('frequencyPenalty', request.frequency_penalty),
    ...given('stopSequences', typeof stop === 'string' ? [stop] : stop),
    ...given('seed', request.seed),
    ...given('reasoning', request.reasoning_effort),
    ...given('tools', request.tools?.length ? request.tools.map(toolOf) : undefined),
    ...given(
      'toolChoice',
      typeof toolChoice === 'string'
        ? { type: toolChoice }
        : toolChoice && { type: 'tool' as const, toolName: toolChoice.function.name },
    ),
    ...given('responseFormat', format && formatOf(format)),
  }
}

/** A setting that the caller left out must not reach the provider, not even as undefined. */
const given = <Name extends keyof LanguageModelV4CallOptions>(
  name: Name,
  value: LanguageModelV4CallOptions[Name] | null | undefined,
): Pick<LanguageModelV4CallOptions, Name> | Record<never, never> =>
  value === null || value === undefined ? {} : { [name]: value }

type RequestedTool = NonNullable<ChatCompletionRequest['tools']>[number]

const toolOf = ({ function: tool }: RequestedTool): LanguageModelV4FunctionTool => ({
  type: 'function',
  name: tool.name,
  // The schema is the client's own JSON Schema; only the provider can say whether it likes it.
  inputSchema: (tool.parameters ?? { type: 'object', properties: {} }) as LanguageModelV4FunctionTool['inputSchema'],
  ...(typeof tool.description === 'string' ? { description: tool.description } : {}),
  ...(typeof tool.strict === 'boolean' ? { strict: tool.strict } : {}),
})

function formatOf(
  format: NonNullable<ChatCompletionRequest['response_format']>,
): NonNullable<LanguageModelV4CallOptions['responseFormat']> {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, description, schema } = format.json_schema
  return {
    type: 'json',
    ...(schema ? { schema: schema as LanguageModelV4FunctionTool['inputSchema'] } : {}),
    ...(name ? { name } : {}),
    ...(description ? { description } : {}),
  }
}

async function* tell(named: NamedModel, options: LanguageModelV4CallOptions, promptTokens: () => number): Pieces {
  const { stream, answered = { model: named.info.id, price: named.price, detours: [], abandonedCalls: 0 } } =
    await named.model.doStream(options)
  const calls = createToolCalls()
  let said = 0
  // Leaving this loop early cancels the stream, and with it the provider's work.
  for await (const part of stream) {
    if (part.type === 'finish') {
      return endingOf(answered, part, { promptTokens, said, calledTools: calls.count() > 0 })
    }
    for (const piece of piecesOf(part, calls)) {
      if ('delta' in piece) said += Buffer.byteLength(piece.delta)
      yield piece
    }
  }
  // Without a `finish` nobody knows whether a call that was begun is whole, so no client may take it for one.
  throw new NitroError('model_failed', `${answered.model} stopped in mid-answer. Try again.`)
}

function* piecesOf(part: LanguageModelV4StreamPart, calls: ReturnType<typeof createToolCalls>): Generator<Piece> {
  switch (part.type) {
    case 'text-delta':
      if (part.delta !== '') yield { type: 'text', delta: part.delta }
      return
    case 'reasoning-delta':
      if (part.delta !== '') yield { type: 'reasoning', delta: part.delta }
      return
    case 'tool-input-start':
      // What the provider runs itself, and input that is not JSON until it is complete, wait for the `tool-call`.
      if (part.providerExecuted || part.inputEncoding === 'text') return
      yield { type: 'tool-call', index: calls.begin(part.id), id: part.id, name: part.toolName }
      return
    case 'tool-input-delta': {
      const index = calls.indexOf(part.id)
      if (index === undefined || part.delta === '') return
      calls.noteArguments(part.id)
      yield { type: 'tool-arguments', index, delta: part.delta }
      return
    }
    case 'tool-call': {
      if (part.providerExecuted) return
      const begun = calls.indexOf(part.toolCallId)
      if (begun !== undefined && calls.hasArguments(part.toolCallId)) return
      const index = begun ?? calls.begin(part.toolCallId)
      if (begun === undefined) yield { type: 'tool-call', index, id: part.toolCallId, name: part.toolName }
      yield { type: 'tool-arguments', index, delta: part.input }
      return
    }
    default:
  }
}

/** Some providers stream a call's arguments, some hand it over whole; either way it is told once. */
function createToolCalls() {
  const calls = new Map<string, { index: number; hasArguments: boolean }>()
  return {
    count: () => calls.size,
    begin(id: string): number {
      const index = calls.size
      calls.set(id, { index, hasArguments: false })
      return index
    },
    indexOf: (id: string) => calls.get(id)?.index,
    noteArguments(id: string) {
      const call = calls.get(id)
      if (call) call.hasArguments = true
    },
    hasArguments: (id: string) => calls.get(id)?.hasArguments === true,
  }
}

function endingOf(
  answered: Answered,
  { finishReason, usage }: { finishReason: LanguageModelV4FinishReason; usage: LanguageModelV4Usage | undefined },
  told: { promptTokens: () => number; said: number; calledTools: boolean },
): Ending {
  const { model, price, detours, abandonedCalls } = answered
  const input = usage?.inputTokens.total
  const output = usage?.outputTokens.total
  const isCounted = input !== undefined && output !== undefined
  // A call that was given up costs at least its prompt.
  const paidInput = (input ?? told.promptTokens()) * (1 + abandonedCalls)
  return {
    finishReason: finishReasonOf(finishReason, told.calledTools),
    inputTokens: paidInput,
    outputTokens: output ?? Math.ceil(told.said / 4),
    nitro: {
      model,
      usageEstimated: !isCounted || abandonedCalls > 0,
      costUsd: isCounted && price ? (paidInput * price.inputUsd + output * price.outputUsd) / 1e6 : null,
      ...(detours.length === 0
        ? {}
        : { notices: [{ level: 'warning', code: 'model_fallback', message: detourSentence(answered) }] }),
    },
  }
}

function finishReasonOf({ unified }: LanguageModelV4FinishReason, calledTools: boolean): FinishReason {
  if (unified === 'length') return 'length'
  if (unified === 'content-filter') return 'content_filter'
  return calledTools ? 'tool_calls' : 'stop'
}

const estimatePrompt = ({ messages }: ChatCompletionRequest): number =>
  messages.reduce((sum, message) => sum + estimateTokens(textOf(message.content)), 0)
