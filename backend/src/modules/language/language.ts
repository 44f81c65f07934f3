import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { ModuleHealth } from '@nitroagi/shared/modules'
import type { Call } from '../../call.ts'
import type { LanguageModels } from '../../ports/language-model/port.ts'
import { createCitationReader } from '../citations.ts'
import { freePlaces } from '../model-capacity.ts'
import type { Module, Task } from '../module.ts'
import type { Tool } from '../tool.ts'
import { buildPrompt } from './prompt.ts'
import { createTalk, notice } from './talk.ts'
import { createToolbox, usualToolLimits, type ToolLimits } from './toolbox.ts'

/** After so many rounds in which no call gave anything, there is no point in another. */
const roundsInVainAtMost = 3

const toolLimitReached = 'The model kept calling tools, so it was asked to answer with what they had given.'

interface Dependencies {
  models: LanguageModels
  tools?: readonly Tool[]
  toolLimits?: ToolLimits
}

/** Answers with a language model, from what earlier steps and tools find, and says which passages that stands on. */
export function createLanguageModule({ models, tools = [], toolLimits = usualToolLimits }: Dependencies): Module {
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
    freeCapacity: () => freePlaces(models),
    async test(call) {
      const { info, model } = models.get('nitro-auto', call)
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
      const named = models.get(task.model ?? 'nitro-auto', call)
      yield { type: 'report', model: named.info.id }
      const passages = [...task.evidence.passages]
      const offered = named.info.isLanguageModel ? await toolsFor(call, task) : []
      const toolbox = createToolbox(offered, { call, task, passages, limits: toolLimits })
      const talk = createTalk(call, task, named, createCitationReader(passages))
      let prompt: LanguageModelV4Prompt = buildPrompt(task, toolbox)
      let roundsInVain = 0
      for (let round = 1; ; round++) {
        const mayCall = !toolbox.isEmpty && round <= limits.toolRounds && roundsInVain < roundsInVainAtMost
        if (!toolbox.isEmpty && !mayCall) yield notice('tool_limit', toolLimitReached)
        const said = yield* talk.ask(prompt, toolbox.offered, mayCall)
        if (said === undefined || said.calls.length === 0) return
        if (!mayCall) {
          if (talk.hasSpoken()) return
          throw new NitroError(
            'model_failed',
            `${named.info.id} kept calling tools and gave no answer. Ask in other words, or choose another model.`,
          )
        }
        const { results, succeeded } = yield* toolbox.carryOut(said.calls)
        if (call.signal.aborted) return
        roundsInVain = succeeded === 0 ? roundsInVain + 1 : 0
        prompt = [...prompt, ...said.withResults(results)]
      }
    },
  }

  async function toolsFor(call: Call, task: Task): Promise<Tool[]> {
    const isOffered = await Promise.all(tools.map((tool) => tool.isOffered?.(call, task) ?? true))
    return tools.filter((_, index) => isOffered[index])
  }
}

/** Down only when nobody is left to ask; a provider that fails has stand-ins while others work. */
function healthOf(models: LanguageModels): ModuleHealth {
  const providers = models.providers()
  const failing = providers.filter(({ status }) => status !== 'ok')
  if (providers.length > 0 && failing.length === providers.length) {
    const isTrying = failing.some(({ status }) => status === 'trying')
    return { status: 'down', detail: failing[0]?.detail ?? null, ...(isTrying ? { isTrying } : {}) }
  }
  const names = failing.map(({ provider }) => provider).join(', ')
  return { status: 'ok', detail: `answers with ${models.defaultModel}${names && `; failing at the moment: ${names}`}` }
}
