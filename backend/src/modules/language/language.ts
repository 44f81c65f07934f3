import type { LanguageModelV4Prompt, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { ModuleHealth } from '@nitroagi/shared/modules'
import {
  detourSentence,
  type EvidenceOptions,
  type LanguageModels,
  type OfflineAccount,
} from '../../ports/language-model/port.ts'
import type { Finding, Module, Task } from '../module.ts'
import { createCitationReader } from '../citations.ts'
import { buildPrompt } from './prompt.ts'
import { accountFor, type Bill } from '../usage.ts'

/** Answers with a language model, from what earlier steps found, and says which passages the answer stands on. */
export function createLanguageModule({ models }: { models: LanguageModels }): Module {
  return {
    manifest: {
      name: 'language',
      description: 'Writes the answer with a language model; without one, quotes it from your documents.',
      capabilities: ['answer', 'chat', 'write', 'cite'],
      cost: models.defaultModel === 'nitro-offline' ? 'free' : 'expensive',
      latency: models.defaultModel === 'nitro-offline' ? 'instant' : 'slow',
      needs: [],
    },
    // What a provider is worth is known from its answers; a probe would cost money.
    health: () => Promise.resolve(healthOf(models)),
    async test(call) {
      const { info, model } = models.get('nitro-auto')
      const { content } = await model.doGenerate({
        prompt: [{ role: 'user', content: [{ type: 'text', text: 'Answer with the one word: ready' }] }],
        abortSignal: call.signal,
        maxOutputTokens: 200,
      })
      const said = content
        .map((part) => (part.type === 'text' ? part.text : ''))
        .join('')
        .trim()
      return `${info.id} answered: ${said.slice(0, 100)}`
    },

    async *run(call, task) {
      const named = models.get(task.model ?? 'nitro-auto')
      const { info, model, price } = named
      yield { type: 'report', model: info.id }
      // Replaced by who answered in the end.
      let bill: Bill = { price }
      const prompt = buildPrompt(task)
      const citations = createCitationReader(task.evidence.passages)
      let answer = ''
      const reservation = info.isLanguageModel ? task.reserve(named, charactersIn(prompt)) : undefined
      try {
        const { stream, answered } = await model.doStream({
          prompt,
          abortSignal: call.signal,
          ...task.sampling,
          providerOptions: {
            nitro: { ...evidenceOptions(task), ...(call.actor.via === 'job' ? { priority: 'background' } : {}) },
          },
        })
        if (answered) bill = answered
        if (answered && answered.detours.length > 0) {
          yield { type: 'report', model: answered.model }
          yield notice('model_fallback', detourSentence(answered))
        }
        for await (const part of stream) {
          if (part.type === 'text-delta' && part.delta !== '') {
            answer += part.delta
            yield { type: 'text-delta', delta: part.delta }
            yield* citations.add(part.delta)
          } else if (part.type === 'reasoning-delta' && part.delta !== '') {
            yield { type: 'reasoning-delta', delta: part.delta }
          } else if (part.type === 'finish') {
            const usage = accountFor(part.usage, bill, { prompt, answer })
            reservation?.settle(usage)
            yield { type: 'report', usage }
            yield* whatTheEndTells(part)
          }
        }
      } catch (error) {
        if (call.signal.aborted) return
        // What was heard before it broke was paid for.
        if (answer !== '') yield { type: 'report', usage: accountFor(undefined, bill, { prompt, answer }) }
        throw error
      }
    },
  }
}

/** Down only when nobody is left to ask; a provider that fails has stand-ins while others work. */
function healthOf(models: LanguageModels): ModuleHealth {
  const providers = models.providers()
  const failing = providers.filter(({ status }) => status !== 'ok')
  if (providers.length > 0 && failing.length === providers.length) {
    return { status: 'down', detail: failing[0]?.detail ?? null }
  }
  const names = failing.map(({ provider }) => provider).join(', ')
  return { status: 'ok', detail: `answers with ${models.defaultModel}${names && `; failing at the moment: ${names}`}` }
}

const charactersIn = (prompt: LanguageModelV4Prompt): number => JSON.stringify(prompt).length

const evidenceOptions = ({
  question,
  evidence: { passages, facts, recalled },
  continueFrom,
}: Task): EvidenceOptions => ({
  question: recalled?.subject === undefined ? question : `${question} ${recalled.subject}`,
  passages: passages.map(({ title, content }) => ({ title, text: content })),
  facts: facts.map(({ statement, value }) => ({ statement, value })),
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

const notice = (code: string, message: string): Finding => ({ type: 'notice', level: 'warning', code, message })
