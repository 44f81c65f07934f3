import { NitroError } from '@nitroagi/shared/errors'
import type { Usage } from '@nitroagi/shared/runs'
import { z } from 'zod'
import type { Call } from '../call.ts'
import type { LanguageModels, NamedModel } from '../ports/language-model/port.ts'
import type { Budget } from './budget.ts'

interface Question<Shape extends z.ZodType> {
  name: string
  rules: string
  text: string
  shape: Shape
  seconds: number
}

/** Asks for JSON of a shape, within the budget. Throws when the model fails or says something else. */
export async function askForJson<Shape extends z.ZodType>(
  call: Call,
  named: NamedModel,
  budget: Budget,
  { name, rules, text, shape, seconds }: Question<Shape>,
): Promise<{ value: z.infer<Shape>; usage: Usage }> {
  const schema = z.toJSONSchema(shape) as Record<string, unknown>
  const reservation = budget.reserve(named, rules.length + text.length + JSON.stringify(schema).length)
  let usage: Usage | null = null
  try {
    const result = await named.model.doGenerate({
      prompt: [
        { role: 'system', content: rules },
        { role: 'user', content: [{ type: 'text', text }] },
      ],
      responseFormat: { type: 'json', name, schema },
      maxOutputTokens: 2_000,
      // The rules ask for JSON in words too, so a server that takes no schema can still answer.
      providerOptions: { nitro: { mayLeaveOutAids: true } },
      abortSignal: AbortSignal.any([call.signal, AbortSignal.timeout(seconds * 1000)]),
    })
    const said = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    usage = usageFrom(named, result.usage.inputTokens.total, result.usage.outputTokens.total, text.length, said.length)
    return { value: shape.parse(JSON.parse(withoutFence(said))), usage }
  } catch (error) {
    if (call.signal.aborted || error instanceof NitroError) throw error
    const reason =
      error instanceof SyntaxError
        ? 'it is not JSON'
        : error instanceof z.ZodError
          ? `${error.issues[0]?.path.join('.') || 'it'}: ${error.issues[0]?.message}`
          : `it did not come within ${seconds} s`
    throw new NitroError('model_failed', `What ${named.info.id} said cannot be used: ${reason}.`, { cause: error })
  } finally {
    reservation.settle(usage)
    budget.spend(usage)
  }
}

/** The language model of that name; undefined for `nitro-offline`, which plans and judges nothing. Asked of a payer only. */
export function languageModelOf(
  models: LanguageModels,
  name: string | undefined,
  payer?: Call,
): NamedModel | undefined {
  try {
    const named = models.get(name ?? 'nitro-auto', payer)
    return named.info.isLanguageModel ? named : undefined
  } catch {
    // A model that does not exist is the answering step's to refuse, in its own words.
    return undefined
  }
}

/** Some put their JSON into a block of code, whatever they are told. */
const withoutFence = (said: string): string => /```(?:json)?\s*([\s\S]*?)```/.exec(said)?.[1] ?? said

function usageFrom(
  { price }: NamedModel,
  input: number | undefined,
  output: number | undefined,
  asked: number,
  said: number,
): Usage {
  const isCount = (value: number | undefined): value is number => Number.isSafeInteger(value) && value! >= 0
  const inputTokens = isCount(input) ? input : Math.ceil(asked / 4)
  const outputTokens = isCount(output) ? output : Math.ceil(said / 4)
  return {
    inputTokens,
    outputTokens,
    estimated: !isCount(input) || !isCount(output),
    costUsd: price && (inputTokens * price.inputUsd + outputTokens * price.outputUsd) / 1_000_000,
  }
}
