import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4Prompt,
} from '@ai-sdk/provider'
import type { EvidenceOptions } from './port.ts'

/** Servers are updated and models exchanged, so a refusal is not believed for ever. */
const rememberedMs = 10 * 60_000

/**
 * A model whose server refuses tools, or a form for the answer, is asked again without them, and without trying for some
 * time: Ollama, for one, refuses tools for each model that was not made for them. Only for callers to whom they are an
 * aid; whoever insists gets the refusal.
 */
export function withoutRefusedAids(model: LanguageModelV4, now: () => number = Date.now): LanguageModelV4 {
  const refusedUntil = { tools: 0, form: 0 }

  async function ask<Result>(
    options: LanguageModelV4CallOptions,
    call: (options: LanguageModelV4CallOptions) => PromiseLike<Result>,
  ): Promise<Result> {
    if (!mayLeaveOutAids(options)) return call(options)
    const given = without(options, { tools: now() < refusedUntil.tools, form: now() < refusedUntil.form })
    try {
      return await call(given)
    } catch (error) {
      const refused = {
        tools: usesTools(given) && refuses(error, aboutTools),
        form: asksForm(given) && refuses(error, aboutForm),
      }
      if (!refused.tools && !refused.form) throw error
      if (refused.tools) refusedUntil.tools = now() + rememberedMs
      if (refused.form) refusedUntil.form = now() + rememberedMs
      return call(without(given, refused))
    }
  }

  return {
    ...model,
    doStream: (options) => ask(options, (given) => model.doStream(given)),
    doGenerate: (options) => ask(options, (given) => model.doGenerate(given)),
  }
}

export function mayLeaveOutAids({ providerOptions }: LanguageModelV4CallOptions): boolean {
  const ours = providerOptions?.['nitro'] as Pick<EvidenceOptions, 'mayLeaveOutAids'> | undefined
  return ours?.mayLeaveOutAids === true
}

const usesTools = ({ tools }: LanguageModelV4CallOptions) => tools !== undefined && tools.length > 0
const asksForm = ({ responseFormat }: LanguageModelV4CallOptions) => responseFormat?.type === 'json'

const aboutTools = /\b(?:tools?|tool[_ ](?:use|choice|calls?|calling)|functions?|function[_ ]call(?:s|ing)?)\b/i
const aboutForm = /response_format|json_schema|json_object|structured|guided|grammar/i
const inTheNegative =
  /not (?:currently )?(?:support|implement|enabl|allow|available|permitted)|n't support|unsupported|unavailable|no endpoints|requires|must be|invalid|unknown|unrecogni[sz]ed|unexpected|extra inputs/i

/** Only read to decide what to leave out; no word of it goes anywhere. */
function refuses(error: unknown, about: RegExp): boolean {
  if (!APICallError.isInstance(error) || ![400, 404, 422, 500, 501].includes(error.statusCode ?? 0)) return false
  const said = `${error.responseBody ?? ''} ${error.message}`.slice(0, 4_000)
  return about.test(said) && inTheNegative.test(said)
}

function without(
  options: LanguageModelV4CallOptions,
  { tools, form }: { tools: boolean; form: boolean },
): LanguageModelV4CallOptions {
  const left = { ...options }
  if (form) delete left.responseFormat
  if (tools) {
    delete left.tools
    delete left.toolChoice
    left.prompt = inWords(options.prompt)
  }
  return left
}

/** Calls of tools that were made before, told in plain words: such a server would not understand them otherwise. */
const inWords = (prompt: LanguageModelV4Prompt): LanguageModelV4Prompt =>
  prompt.flatMap((message): LanguageModelV4Prompt => {
    if (message.role === 'assistant') {
      const content = message.content.filter(({ type }) => type !== 'tool-call')
      return content.some(({ type }) => type === 'text') ? [{ ...message, content }] : []
    }
    if (message.role !== 'tool') return [message]
    const results = message.content.flatMap((part) =>
      part.type === 'tool-result' && 'value' in part.output && typeof part.output.value === 'string'
        ? [part.output.value]
        : [],
    )
    return [{ role: 'user', content: [{ type: 'text', text: `Tools gave:\n${results.join('\n')}` }] }]
  })
