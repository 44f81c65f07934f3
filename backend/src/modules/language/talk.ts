import type { LanguageModelV4FunctionTool, LanguageModelV4Prompt, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { Usage } from '@nitroagi/shared/runs'
import type { Call } from '../../call.ts'
import {
  detourSentence,
  type EvidenceOptions,
  type NamedModel,
  type OfflineAccount,
} from '../../ports/language-model/port.ts'
import type { createCitationReader } from '../citations.ts'
import type { Finding, Task } from '../module.ts'
import { accountFor, addUsage, charactersIn, type Bill } from '../usage.ts'
import { createSaid } from './said.ts'

/** The calls of a model that make one answer, with one account of what they took. */
export function createTalk(
  call: Call,
  task: Task,
  named: NamedModel,
  citations: ReturnType<typeof createCitationReader>,
) {
  let spent: Usage | undefined
  let hasSpoken = false
  let detour = ''

  return {
    /** Whether a word of the answer has been said. */
    hasSpoken: () => hasSpoken,

    /** One call: its words as they come, and in the end all that it said. Undefined when nobody waits for it any more. */
    async *ask(
      prompt: LanguageModelV4Prompt,
      tools: LanguageModelV4FunctionTool[],
      mayCall: boolean,
    ): AsyncGenerator<Finding, ReturnType<typeof createSaid> | undefined> {
      const { info, model, price } = named
      const said = createSaid()
      // Replaced by who answered in the end.
      let bill: Bill = { price }
      const size = charactersIn(prompt) + (tools.length > 0 ? JSON.stringify(tools).length : 0)
      const reservation = info.isLanguageModel ? task.reserve(named, size) : undefined
      const account = (counted?: Parameters<typeof accountFor>[0]): Finding => {
        const usage = accountFor(counted, bill, { prompt, answer: said.written() })
        reservation?.settle(usage)
        spent = spent ? addUsage(spent, usage) : usage
        return { type: 'report', usage: spent }
      }
      try {
        const { stream, answered } = await model.doStream({
          prompt,
          abortSignal: call.signal,
          ...task.sampling,
          ...(tools.length > 0 ? { tools, toolChoice: { type: mayCall ? 'auto' : 'none' } } : {}),
          providerOptions: { nitro: { ...optionsOf(call, task) } },
        })
        if (answered) bill = answered
        if (answered && answered.detours.length > 0) {
          yield { type: 'report', model: answered.model }
          const sentence = detourSentence(answered)
          if (sentence !== detour) yield notice('model_fallback', sentence)
          detour = sentence
        }
        for await (const part of stream) {
          said.take(part)
          if (part.type === 'text-delta' && part.delta !== '') {
            hasSpoken = true
            yield { type: 'text-delta', delta: part.delta }
            yield* citations.add(part.delta)
          } else if (part.type === 'reasoning-delta' && part.delta !== '') {
            yield { type: 'reasoning-delta', delta: part.delta }
          } else if (part.type === 'finish') {
            yield account(part.usage)
            if (said.calls.length === 0) yield* whatTheEndTells(part)
          }
        }
        return said
      } catch (error) {
        if (call.signal.aborted) return undefined
        // What was heard before it broke was paid for.
        if (said.written() !== '') yield account()
        throw hasSpoken ? brokenOff(error) : error
      } finally {
        // Whatever it took is in the account by now.
        reservation?.settle(null)
      }
    },
  }
}

/** Words of an earlier call are kept, and the person is told so in the same way as within one call. */
function brokenOff(error: unknown): unknown {
  if (!(error instanceof NitroError) || !error.code.startsWith('model_') || error.code === 'model_interrupted')
    return error
  return new NitroError(
    'model_interrupted',
    `The answer broke off. ${error.message} What had arrived is kept; press Continue to go on from there.`,
    { cause: error.cause, retryAfterSeconds: error.retryAfterSeconds, details: { reason: error.code } },
  )
}

function optionsOf(call: Call, task: Task): EvidenceOptions {
  return {
    ...evidenceOptions(task),
    ...(call.actor.via === 'job' ? { priority: 'background' } : {}),
    mayLeaveOutAids: true,
  }
}

/** The passages that a fact was computed from, by the numbers that cite them. */
function numbersOf(sources: readonly string[] | undefined, passages: Task['evidence']['passages']) {
  const numbers = passages.flatMap(({ entryId }, index) => (sources?.includes(entryId) ? [index + 1] : []))
  return numbers.length === 0 ? {} : { passages: numbers }
}

const evidenceOptions = ({
  question,
  evidence: { passages, facts, readings, recalled },
  continueFrom,
}: Task): EvidenceOptions => ({
  question: recalled?.subject === undefined ? question : `${question} ${recalled.subject}`,
  passages: passages.map(({ title, content, scores }) => ({ title, text: content, scores })),
  facts: facts.map(({ statement, value, sources }) => ({ statement, value, ...numbersOf(sources, passages) })),
  ...(readings?.length ? { readings: readings.map(({ name, text }) => ({ name, text })) } : {}),
  ...(continueFrom === undefined ? {} : { continueFrom }),
})

function* whatTheEndTells(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): Generator<Finding> {
  if (part.finishReason.unified === 'length') {
    yield notice('answer_cut', 'The model reached its length limit, so the answer may be cut. Ask it to go on.')
  }
  if (part.finishReason.unified === 'content-filter') {
    yield notice('answer_filtered', 'The provider’s content filter ended this answer.')
  }
  const account = part.providerMetadata?.['nitro'] as OfflineAccount | undefined
  if (account?.outcome === 'quoted' && account.confidence !== null) {
    yield {
      type: 'report',
      confidence: account.confidence,
      confidenceBasis: 'how often such a first sentence held the answer, measured on SQuAD questions',
    }
  }
}

export const notice = (code: string, message: string): Finding => ({ type: 'notice', level: 'warning', code, message })
