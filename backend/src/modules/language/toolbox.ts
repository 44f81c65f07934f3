import { randomUUID } from 'node:crypto'
import type { LanguageModelV4FunctionTool, LanguageModelV4ToolResultPart } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import { z } from 'zod'
import type { Call } from '../../call.ts'
import { fencedPassage, inert } from '../fences.ts'
import type { Finding, Task } from '../module.ts'
import type { Tool, ToolOutcome } from '../tool.ts'

export interface ToolLimits {
  /** Of one call. */
  seconds: number
  /** Of what one call gives, to the model and to the message. */
  characters: number
  /** Calls that are made of those that a model asks for at once. */
  atOnce: number
  /** How often the very same call is made for one answer. */
  repeats: number
}

export const usualToolLimits: ToolLimits = { seconds: 10, characters: 16_000, atOnce: 8, repeats: 2 }

/** A call as the model asked for it, when its stream has ended well. */
export interface AskedCall {
  toolCallId: string
  toolName: string
  /** JSON, if the model kept to the rules. */
  input: string
}

interface Prepared {
  asked: AskedCall
  /** Under which the message shows it: a provider's own ids come again in the next answer. */
  id: string
  input: unknown
  /** Undefined when it is not made, and then `refusal` tells the model why. */
  tool: Tool | undefined
  refusal: string
}

/** The tools of one answer. `passages` grows by what searches find, and its order gives the numbers. */
export function createToolbox(
  tools: readonly Tool[],
  { call, task, passages, limits }: { call: Call; task: Task; passages: SearchHit[]; limits: ToolLimits },
) {
  const made = new Map<string, number>()

  function prepare(asked: AskedCall): Prepared {
    const id = `call-${randomUUID()}`
    const refused = (input: unknown, refusal: string): Prepared => ({ asked, id, input, tool: undefined, refusal })
    const raw = cut(storable(asked.input) as string, 2_000)
    const tool = tools.find(({ name }) => name === asked.toolName)
    if (!tool) {
      const names = tools.map(({ name }) => name).join(', ')
      return refused(raw, `There is no tool of this name. There are: ${names || 'none'}.`)
    }
    let given: unknown
    try {
      given = storable(JSON.parse(asked.input.trim() || '{}'))
    } catch {
      return refused(raw, 'The arguments are not JSON. Call again with one JSON object.')
    }
    const checked = tool.input.safeParse(given)
    if (!checked.success) {
      return refused(given, `The arguments do not fit: ${describe(checked.error)}. Call again with ones that do.`)
    }
    const key = `${tool.name} ${JSON.stringify(checked.data)}`
    const times = (made.get(key) ?? 0) + 1
    made.set(key, times)
    if (times > limits.repeats) {
      return refused(
        checked.data,
        'This very call was made before, and its result stands above. Answer with what you have.',
      )
    }
    return { asked, id, input: checked.data, tool, refusal: '' }
  }

  async function execute({ tool, input, refusal }: Prepared): Promise<ToolOutcome | { error: string }> {
    if (!tool) return { error: refusal }
    const late = AbortSignal.timeout(limits.seconds * 1000)
    const signal = AbortSignal.any([call.signal, late])
    try {
      return await untilAborted(signal, () => tool.execute({ ...call, signal }, input, task))
    } catch (error) {
      if (call.signal.aborted) return { error: 'The answer was stopped.' }
      if (late.aborted) return { error: `${tool.name} gave nothing within ${limits.seconds} s.` }
      if (error instanceof NitroError) return { error: storable(cut(error.message, 500)) as string }
      call.log.warn('tool-failed', { tool: tool.name, error })
      return { error: `${tool.name} failed. Go on without it.` }
    }
  }

  /** What the message shows, what the model reads, and the passages that are new. */
  function told(outcome: ToolOutcome, name: string): { shown: unknown; text: string; found: SearchHit[] } {
    if (!('passages' in outcome)) {
      const shown = capped(outcome.output, limits.characters)
      return { shown, text: fenced(name, inert(typeof shown === 'string' ? shown : JSON.stringify(shown))), found: [] }
    }
    const found: SearchHit[] = []
    const numbered = outcome.passages.map((hit) => {
      const at = passages.findIndex(({ entryId }) => entryId === hit.entryId)
      if (at >= 0) return { number: at + 1, hit }
      found.push(hit)
      return { number: passages.push(hit), hit }
    })
    if (numbered.length === 0) return { shown: [], text: fenced(name, 'No passage fits.'), found }
    return {
      shown: numbered.map(({ number, hit }) => ({ number, title: cut(hit.title, 200), page: hit.page })),
      text: fenced(
        name,
        cut(numbered.map(({ number, hit }) => fencedPassage(hit, number)).join('\n'), limits.characters),
      ),
      found,
    }
  }

  return {
    isEmpty: tools.length === 0,
    hasSearch: tools.some(({ name }) => name === 'search'),
    offered: tools.map(offeredAs),

    /** Makes the calls, several at a time, and tells of each; gives what the model is to read, in the order it asked. */
    async *carryOut(
      asked: readonly AskedCall[],
    ): AsyncGenerator<Finding, { results: LanguageModelV4ToolResultPart[]; succeeded: number }> {
      const prepared = asked.slice(0, limits.atOnce).map(prepare)
      for (const { id, asked, input } of prepared) yield { type: 'tool-call', id, name: asked.toolName, input }
      if (asked.length > prepared.length) {
        const message = `The model asked for ${asked.length} calls at once; ${prepared.length} were made.`
        yield { type: 'notice', level: 'warning', code: 'tool_calls_cut', message }
      }
      const outcomes = prepared.map(execute)
      const results: LanguageModelV4ToolResultPart[] = []
      let succeeded = 0
      for (const [index, { id, asked }] of prepared.entries()) {
        const outcome = await outcomes[index]!
        if (call.signal.aborted) break
        if ('error' in outcome) {
          yield { type: 'tool-error', id, message: outcome.error }
          results.push(errorFor(asked, outcome.error))
          continue
        }
        succeeded++
        const { shown, text, found } = told(outcome, asked.toolName)
        if (found.length > 0) yield { type: 'passages', hits: found }
        yield { type: 'tool-result', id, output: shown }
        results.push({ ...resultFor(asked), output: { type: 'text', value: text } })
      }
      const notMade = asked.slice(prepared.length).map((call) => errorFor(call, 'Too many calls at once; not made.'))
      return { results: [...results, ...notMade], succeeded }
    },
  }
}

const resultFor = ({ toolCallId, toolName }: AskedCall) => ({ type: 'tool-result' as const, toolCallId, toolName })

const errorFor = (asked: AskedCall, value: string): LanguageModelV4ToolResultPart => ({
  ...resultFor(asked),
  output: { type: 'error-text', value },
})

const descriptions = new WeakMap<Tool, LanguageModelV4FunctionTool>()

function offeredAs(tool: Tool): LanguageModelV4FunctionTool {
  const known = descriptions.get(tool)
  if (known) return known
  const { name, description, input } = tool
  const { $schema: _, ...schema } = z.toJSONSchema(input)
  const inputSchema = schema as LanguageModelV4FunctionTool['inputSchema']
  const described = { type: 'function' as const, name, description, inputSchema }
  descriptions.set(tool, described)
  return described
}

/** A tool that does not heed its signal is left behind. */
function untilAborted<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    // Within, so that one that throws at once rejects as well.
    Promise.resolve().then(work).then(resolve, reject)
  })
}

const fenced = (name: string, text: string): string => `<result tool="${name}">\n${text}\n</result>`

const describe = ({ issues: [issue] }: z.ZodError): string =>
  cut([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '), 300)

/** Large results are cut, and say so. */
function capped(output: unknown, characters: number): unknown {
  if (typeof output === 'string') return storable(cut(output, characters))
  const text = JSON.stringify(output) ?? 'null'
  return text.length > characters ? storable(cut(text, characters)) : storable(output)
}

const cut = (text: string, characters: number): string =>
  text.length <= characters
    ? text
    : `${text.slice(0, characters)} … (cut here; the whole has ${text.length.toLocaleString('en')} characters)`

/** Without what no database takes: a NUL, half a character. Anything but JSON is gone too. */
const storable = (value: unknown): unknown => JSON.parse(withoutUnstorable(JSON.stringify(value ?? null)))

const withoutUnstorable = (json: string): string =>
  json.replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '$1\ufffd')
