import { sourceOf, type ConfidenceData, type NoticeData, type PlanData, type SourceData } from '@nitroagi/shared/runs'
import type { ChatCompletionRequest, CompletionExtension } from '@nitroagi/shared/openai'
import type { Call } from '../../call.ts'
import type { AnswerSummary, Orchestrator } from '../../orchestrator/port.ts'
import { readImages } from './images.ts'
import { asQuestion } from './messages.ts'
import { estimateTokens, type Ending, type Pieces } from './pieces.ts'

/** Sampling settings mean nothing to an answer that several modules make; saying so beats pretending. */
const notFollowed = [
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'seed',
  'reasoning_effort',
] as const satisfies (keyof ChatCompletionRequest)[]

/** An answer of `nitro-auto` or `nitro-offline`: planned, from the caller's own documents, and not stored. */
export async function* answerOrchestrated(
  orchestrator: Orchestrator,
  call: Call,
  request: ChatCompletionRequest,
): Pieces {
  const images = await readImages(request.messages)
  const asked = asQuestion(request.messages, images)
  const { question, history, instructions } = asked
  // `nitro-auto` is what the orchestrator picks when no model is named.
  const model = request.model === 'nitro-auto' ? undefined : request.model
  const ignored = notFollowed.filter((field) => request[field] !== undefined && request[field] !== null)
  const promptText = [...(instructions ? [instructions] : []), ...history.map((turn) => turn.text), question].join('\n')
  return yield* tell(orchestrator.answer(call, { ...asked, model }), promptText, ignored)
}

async function* tell(chunks: ReturnType<Orchestrator['answer']>, promptText: string, ignored: string[]): Pieces {
  const sources: SourceData[] = []
  const notices: NoticeData[] = []
  const tools = new Map<string, ToolUse>()
  let plan: PlanData | undefined
  let confidence: ConfidenceData | undefined
  let said = ''
  let isNewPart = false
  try {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done)
        return endingOf(value, {
          sources,
          notices,
          tools: [...tools.values()],
          plan,
          confidence,
          ignored,
          promptText,
          said,
        })
      switch (value.type) {
        case 'text-start':
          isNewPart = said !== ''
          break
        case 'text-delta': {
          if (value.delta === '') break
          const delta = isNewPart ? `\n\n${value.delta}` : value.delta
          isNewPart = false
          said += delta
          yield { type: 'text', delta }
          break
        }
        case 'reasoning-delta':
          if (value.delta !== '') yield { type: 'reasoning', delta: value.delta }
          break
        case 'source-document': {
          const source = sourceOf(value)
          if (source) sources.push(source)
          break
        }
        case 'tool-input-available':
          tools.set(value.toolCallId, { name: value.toolName, input: value.input })
          break
        case 'tool-output-available':
          Object.assign(tools.get(value.toolCallId) ?? {}, { output: value.output })
          break
        case 'tool-output-error':
          Object.assign(tools.get(value.toolCallId) ?? {}, { error: value.errorText })
          break
        case 'data-plan':
          plan = value.data
          break
        case 'data-confidence':
          confidence = value.data
          break
        case 'data-notice':
          notices.push(value.data)
          break
        default:
      }
    }
  } finally {
    // A reader that left in mid-answer ends the work behind it; after the end this does nothing.
    await chunks.return(undefined as never)
  }
}

type ToolUse = NonNullable<CompletionExtension['tools']>[number]

interface Told {
  sources: SourceData[]
  notices: NoticeData[]
  tools: ToolUse[]
  plan: PlanData | undefined
  confidence: ConfidenceData | undefined
  ignored: string[]
  promptText: string
  said: string
}

function endingOf({ model, usage }: AnswerSummary, told: Told): Ending {
  const isCounted = typeof usage?.inputTokens === 'number' && typeof usage.outputTokens === 'number'
  return {
    finishReason: 'stop',
    inputTokens: usage?.inputTokens ?? estimateTokens(told.promptText),
    outputTokens: usage?.outputTokens ?? estimateTokens(told.said),
    nitro: {
      model,
      usageEstimated: !isCounted || usage.estimated,
      costUsd: usage?.costUsd ?? null,
      sources: told.sources,
      ...(told.tools.length === 0 ? {} : { tools: told.tools }),
      ...(told.plan === undefined ? {} : { plan: told.plan }),
      ...(told.confidence === undefined ? {} : { confidence: told.confidence }),
      ...(told.notices.length === 0 ? {} : { notices: told.notices }),
      ...(told.ignored.length === 0 ? {} : { ignored: told.ignored }),
    },
  }
}
