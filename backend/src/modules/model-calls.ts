import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { Usage } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import { detourSentence, type NamedModel } from '../ports/language-model/port.ts'
import type { Finding, Reservation, Task } from './module.ts'
import { accountFor, addUsage, charactersIn, type Bill } from './usage.ts'

export type ModelCalls = ReturnType<typeof createModelCalls>

export interface CallOptions extends Pick<LanguageModelV4CallOptions, 'responseFormat' | 'maxOutputTokens'> {
  /** Set aside before; otherwise it is set aside now. */
  reservation?: Reservation
  /** What the images of the prompt are taken to be when nobody counts. */
  imageTokens?: number
}

/** Several calls of a model that make one step, with one account of all of them. Each is reserved before it is made. */
export function createModelCalls(call: Call, task: Task, named: NamedModel) {
  let spent: Usage | undefined
  let model = named.info.id
  const detours = new Set<string>()

  /** The words as they come; in the end all of them, and whether the model had to stop before its end. */
  async function* stream(
    prompt: LanguageModelV4Prompt,
    { reservation = task.reserve(named, charactersIn(prompt)), imageTokens, ...options }: CallOptions = {},
  ): AsyncGenerator<string, { text: string; isCut: boolean }> {
    let bill: Bill = { price: named.price }
    let text = ''
    let isCut = false
    let usage: Usage | undefined
    try {
      const { stream, answered } = await named.model.doStream({
        prompt,
        abortSignal: call.signal,
        ...task.sampling,
        ...options,
        ...(call.actor.via === 'job' ? { providerOptions: { nitro: { priority: 'background' } } } : {}),
      })
      if (answered) {
        bill = answered
        model = answered.model
        if (answered.detours.length > 0) detours.add(detourSentence(answered))
      }
      for await (const part of stream) {
        if (part.type === 'text-delta' && part.delta !== '') {
          text += part.delta
          yield part.delta
        } else if (part.type === 'finish') {
          usage = accountFor(part.usage, bill, { prompt, answer: text, imageTokens })
          isCut = part.finishReason.unified === 'length'
        }
      }
      return { text, isCut }
    } finally {
      // What was heard before it broke was paid for.
      if (text !== '') usage ??= accountFor(undefined, bill, { prompt, answer: text, imageTokens })
      reservation.settle(usage ?? null)
      if (usage) spent = spent ? addUsage(spent, usage) : usage
    }
  }

  return {
    stream,
    /** All that the model says to this. */
    async ask(prompt: LanguageModelV4Prompt, options?: CallOptions): Promise<string> {
      const words = stream(prompt, options)
      for (;;) {
        const next = await words.next()
        if (next.done) return next.value.text
      }
    },
    /** For the trace: who spoke, what all of it took, and who stood in for whom. */
    *account(): Generator<Finding> {
      yield { type: 'report', model, ...(spent ? { usage: spent } : {}) }
      for (const message of detours) yield { type: 'notice', level: 'warning', code: 'model_fallback', message }
      detours.clear()
    },
  }
}
