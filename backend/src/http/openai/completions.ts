import { randomUUID } from 'node:crypto'
import type { ChatCompletion, ChatCompletionRequest, CompletionUsage } from '@nitroagi/shared/openai'
import type { Call } from '../../call.ts'
import { toFailure } from '../errors.ts'
import { openaiFailureBody } from './errors.ts'
import type { Ending, Piece, Pieces } from './pieces.ts'

const keepAliveMs = 15_000

export interface Completion {
  call: Call
  request: ChatCompletionRequest
  pieces: Pieces
  /** Ends the work when its reader is gone. */
  abort(reason: unknown): void
}

export async function completeAtOnce({ call, request, pieces }: Completion): Promise<ChatCompletion> {
  const { id, created } = identity()
  const startedAt = performance.now()
  let text = ''
  let reasoning = ''
  const tools: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = []
  for (;;) {
    const { done, value } = await pieces.next()
    if (done) {
      logEnd(call, request, startedAt, value)
      const message = {
        role: 'assistant' as const,
        content: text === '' && tools.length > 0 ? null : text,
        refusal: null,
        ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
        ...(tools.length === 0 ? {} : { tool_calls: tools }),
      }
      return {
        id,
        object: 'chat.completion',
        created,
        model: request.model,
        choices: [{ index: 0, message, logprobs: null, finish_reason: value.finishReason }],
        usage: usageOf(value),
        nitro: value.nitro,
      }
    }
    if (value.type === 'text') text += value.delta
    if (value.type === 'reasoning') reasoning += value.delta
    if (value.type === 'tool-call') {
      tools[value.index] = { id: value.id, type: 'function', function: { name: value.name, arguments: '' } }
    }
    const tool = value.type === 'tool-arguments' ? tools[value.index] : undefined
    if (tool && value.type === 'tool-arguments') tool.function.arguments += value.delta
  }
}

/**
 * A failure before the first word is still an HTTP status, which clients retry by, but nobody waits longer than
 * `firstPieceMs` for it: then this rejects. Later failures are the stream's last event.
 */
export async function completeAsStream(completion: Completion, firstPieceMs: number): Promise<Response> {
  const first = completion.pieces.next()
  await settledOrLate(first, firstPieceMs)
  return new Response(createEventStream(completion, first), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  })
}

async function settledOrLate(work: Promise<unknown>, lateMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, lateMs)))])
  } finally {
    clearTimeout(timer)
  }
}

function createEventStream({ call, request, pieces, abort }: Completion, first: ReturnType<Pieces['next']>) {
  const encoder = new TextEncoder()
  const lines = createLines(request)
  const startedAt = performance.now()
  let next: ReturnType<Pieces['next']> | undefined = first
  let keepAlive: NodeJS.Timeout | undefined

  return new ReadableStream<Uint8Array>({
    start(controller) {
      keepAlive = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': keep-alive\n\n'))
      }, keepAliveMs)
      // The head of the answer travels with its first bytes, and those may be a while.
      controller.enqueue(encoder.encode(': begun\n\n'))
    },
    async pull(controller) {
      try {
        const { done, value } = await (next ?? pieces.next())
        const opening = next === undefined ? '' : lines.opening(done ? undefined : value)
        next = undefined
        if (!done) return controller.enqueue(encoder.encode(opening + lines.piece(value)))
        controller.enqueue(encoder.encode(opening + lines.ending(value)))
        logEnd(call, request, startedAt, value)
      } catch (error) {
        if (call.signal.aborted) return controller.error(error)
        const failure = toFailure(error)
        if (failure.code === 'internal') call.log.error('completion-failed', { error })
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(openaiFailureBody(failure))}\n\n`))
      }
      clearInterval(keepAlive)
      controller.close()
    },
    async cancel(reason) {
      clearInterval(keepAlive)
      abort(reason)
      // Whatever still comes of the aborted work, nobody reads it.
      await pieces.return(undefined as never).catch(() => {})
    },
  })
}

/** The same bytes around every delta are made once: an answer is a thousand of these lines. */
function createLines({ model, stream_options: options }: ChatCompletionRequest) {
  const { id, created } = identity()
  const withUsage = options?.include_usage === true
  const head = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)}`
  const usageTail = withUsage ? ',"usage":null' : ''
  const choice = (delta: string, finishReason = 'null', tail = '') =>
    `${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finishReason}}]${usageTail}${tail}}\n\n`

  return {
    /** An answer that calls tools has no content, which is not the same as an empty one. */
    opening: (first: Piece | undefined) =>
      choice(`{"role":"assistant","content":${first?.type === 'tool-call' ? 'null' : '""'},"refusal":null}`),
    piece(piece: Piece): string {
      switch (piece.type) {
        case 'text':
          return choice(`{"content":${JSON.stringify(piece.delta)}}`)
        case 'reasoning':
          return choice(`{"reasoning_content":${JSON.stringify(piece.delta)}}`)
        case 'tool-call': {
          const { index, name } = piece
          const call = { index, id: piece.id, type: 'function', function: { name, arguments: '' } }
          return choice(JSON.stringify({ tool_calls: [call] }))
        }
        case 'tool-arguments':
          return choice(JSON.stringify({ tool_calls: [{ index: piece.index, function: { arguments: piece.delta } }] }))
      }
    },
    ending(ending: Ending): string {
      const finish = choice('{}', JSON.stringify(ending.finishReason), `,"nitro":${JSON.stringify(ending.nitro)}`)
      const usage = withUsage ? `${head},"choices":[],"usage":${JSON.stringify(usageOf(ending))}}\n\n` : ''
      return `${finish}${usage}data: [DONE]\n\n`
    },
  }
}

const identity = () => ({
  id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
  created: Math.floor(Date.now() / 1000),
})

const usageOf = ({ inputTokens, outputTokens }: Ending): CompletionUsage => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
})

function logEnd(call: Call, { model, stream }: ChatCompletionRequest, startedAt: number, ending: Ending): void {
  call.log.info('completion-end', {
    model,
    answeredBy: ending.nitro.model,
    stream: stream === true,
    finishReason: ending.finishReason,
    durationMs: Math.round(performance.now() - startedAt),
    inputTokens: ending.inputTokens,
    outputTokens: ending.outputTokens,
    tokensEstimated: ending.nitro.usageEstimated,
  })
}
