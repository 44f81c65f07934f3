import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { z } from 'zod'
import { guardModel, type Deadlines } from './guarded.ts'
import { createOwnModel, finishReason, usageOf } from './own-model.ts'
import type { LanguageModels } from './port.ts'

/** What the scripted model says and how it breaks. The defaults are a short answer that works. */
export const Script = z.strictObject({
  deltas: z.array(z.string()).default(['Hello', ' from', ' the', ' scripted', ' model', '.']),
  /** How often the deltas are said. */
  repeat: z.number().int().min(0).default(1),
  firstDelayMs: z.number().min(0).default(0),
  delayMs: z.number().min(0).default(0),
  reasoning: z.array(z.string()).default([]),
  /** Breaks after so many deltas; 0 before the first. */
  failAfter: z.number().int().min(0).optional(),
  /**
   * How it breaks: an HTTP status as the provider would answer it, `cut` (the connection ends), `hang` (nothing more
   * comes), `error-part` (the provider says so within its stream).
   */
  failure: z
    .union([
      z.enum(['cut', 'hang', 'error-part']),
      z.strictObject({ status: z.number().int(), retryAfter: z.string().optional() }),
    ])
    .default('cut'),
  /** Absent: the deltas are counted. `null`: the provider says nothing about usage. */
  usage: z.strictObject({ inputTokens: z.number(), outputTokens: z.number() }).nullable().optional(),
  /** Calls of tools, after the deltas. Text stands for arguments that may not be JSON. */
  toolCalls: z.array(z.strictObject({ id: z.string().optional(), name: z.string(), input: z.unknown() })).default([]),
  /** The connection ends within the last call. */
  cutsCall: z.boolean().default(false),
  /** Absent: `stop`, or `tool-calls` when there are any. */
  finishReason: z.enum(['stop', 'length', 'content-filter', 'tool-calls']).optional(),
})
export type Script = z.input<typeof Script>

/** Says its script, keeps what it was asked. Given a function, each call may have a script of its own. */
export function createScriptedModel(
  script: Script | ((options: LanguageModelV4CallOptions, callIndex: number) => Script | Promise<Script>) = {},
): LanguageModelV4 & { readonly calls: LanguageModelV4CallOptions[] } {
  const calls: LanguageModelV4CallOptions[] = []
  const model = createOwnModel({
    provider: 'scripted',
    modelId: 'default',
    async *parts(options) {
      calls.push(options)
      const spoken = typeof script === 'function' ? await script(options, calls.length - 1) : script
      yield* perform(Script.parse(spoken), options)
    },
  })
  return { ...model, calls }
}

/** A model for a running backend: reads the script from a file at each call, so a test can change it as it goes. */
export const createScriptedModelFromFile = (path: string): LanguageModelV4 =>
  createScriptedModel(async () => {
    try {
      return Script.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (cause) {
      throw new NitroError('model_failed', 'The script that NITRO_SCRIPTED_MODEL names cannot be read.', { cause })
    }
  })

/** The whole port for tests: one scripted model, under the same guard as a real one. */
export function createScriptedLanguageModels(
  script?: Parameters<typeof createScriptedModel>[0],
  deadlines: Deadlines = { firstSeconds: 60, idleSeconds: 30, totalSeconds: 120 },
): LanguageModels & { readonly calls: LanguageModelV4CallOptions[] } {
  const scripted = createScriptedModel(script)
  const info = { id: 'scripted/default', provider: 'scripted', isLanguageModel: true }
  const label = { name: info.id, provider: 'scripted', keyName: undefined }
  const named = { info, model: guardModel(scripted, label, deadlines), price: { inputUsd: 1, outputUsd: 2 } }
  return {
    calls: scripted.calls,
    defaultModel: info.id,
    list: () => [{ ...info, id: 'nitro-auto', provider: 'nitro' }, info],
    async refresh() {},
    providers: () => [],
    close() {},
    get(name) {
      if (name === info.id || name === 'nitro-auto') return named
      throw new NitroError('model_not_found', `There is no model ${name}. There are: nitro-auto, ${info.id}.`)
    },
  }
}

async function* perform(
  script: z.output<typeof Script>,
  { abortSignal }: LanguageModelV4CallOptions,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const pause = (ms: number) => (ms > 0 ? wait(ms, undefined, { signal: abortSignal }) : abortSignal?.throwIfAborted())
  const total = script.deltas.length * script.repeat
  await pause(script.firstDelayMs)
  if (script.failAfter === 0) yield* fail(script, abortSignal)

  if (script.reasoning.length > 0) {
    yield { type: 'reasoning-start', id: 'thought' }
    for (const delta of script.reasoning) yield { type: 'reasoning-delta', id: 'thought', delta }
    yield { type: 'reasoning-end', id: 'thought' }
  }
  yield { type: 'text-start', id: 'text' }
  for (let said = 0; said < total; said++) {
    if (said > 0) {
      if (said === script.failAfter) yield* fail(script, abortSignal)
      await pause(script.delayMs)
    }
    yield { type: 'text-delta', id: 'text', delta: script.deltas[said % script.deltas.length]! }
  }
  if (total > 0 && script.failAfter === total) yield* fail(script, abortSignal)
  yield { type: 'text-end', id: 'text' }
  yield* callTools(script)
  const { usage } = script
  yield {
    type: 'finish',
    usage: usage === undefined ? usageOf(10, total) : usageOf(usage?.inputTokens, usage?.outputTokens),
    finishReason: finishReason(script.finishReason ?? (script.toolCalls.length > 0 ? 'tool-calls' : 'stop')),
  }
}

function* callTools({ toolCalls, cutsCall }: z.output<typeof Script>): Generator<LanguageModelV4StreamPart> {
  for (const [index, { id = `call-${index}`, name, input }] of toolCalls.entries()) {
    const text = typeof input === 'string' ? input : JSON.stringify(input ?? {})
    yield { type: 'tool-input-start', id, toolName: name }
    yield { type: 'tool-input-delta', id, delta: text.slice(0, Math.ceil(text.length / 2)) }
    if (cutsCall && index === toolCalls.length - 1) throw new TypeError('terminated')
    yield { type: 'tool-input-delta', id, delta: text.slice(Math.ceil(text.length / 2)) }
    yield { type: 'tool-input-end', id }
    yield { type: 'tool-call', toolCallId: id, toolName: name, input: text }
  }
}

async function* fail(
  { failure }: z.output<typeof Script>,
  abortSignal: AbortSignal | undefined,
): AsyncGenerator<LanguageModelV4StreamPart, never> {
  if (failure === 'hang') await wait(2 ** 31 - 1, undefined, { signal: abortSignal, ref: false })
  if (failure === 'error-part') {
    yield { type: 'error', error: { type: 'server_error', message: 'sk-scripted-secret went wrong' } }
  }
  if (typeof failure !== 'object') throw new TypeError('terminated')
  throw new APICallError({
    message: 'sk-scripted-secret was refused',
    url: 'http://scripted.invalid/v1/chat/completions',
    requestBodyValues: {},
    statusCode: failure.status,
    responseHeaders: failure.retryAfter === undefined ? {} : { 'retry-after': failure.retryAfter },
    responseBody: 'sk-scripted-secret',
  })
}
