import { APICallError, type LanguageModelV4CallOptions, type LanguageModelV4Prompt } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { withoutRefusedAids } from './refused-aids.ts'
import { createScriptedModel } from './scripted.ts'

const prompt: LanguageModelV4Prompt = [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }]
const ours = { nitro: { mayLeaveOutAids: true } }
const tools: LanguageModelV4CallOptions['tools'] = [{ type: 'function', name: 'tool', inputSchema: { type: 'object' } }]

/** A server that refuses what `refuses` says, with this status and these words. */
function serverThat(refuses: (options: LanguageModelV4CallOptions) => boolean, statusCode: number, said: string) {
  let now = 1
  const model = createScriptedModel((options) => {
    if (!refuses(options)) return {}
    throw new APICallError({
      message: 'Bad Request',
      url: 'http://server.invalid',
      requestBodyValues: {},
      statusCode,
      responseBody: JSON.stringify({ error: { message: said } }),
    })
  })
  const wrapped = withoutRefusedAids(model, () => now)
  const ask = (options: Partial<LanguageModelV4CallOptions> = {}) =>
    wrapped.doStream({ prompt, tools, toolChoice: { type: 'auto' }, providerOptions: ours, ...options })
  return { ask, wrapped, calls: model.calls, wait: (ms: number) => (now += ms) }
}

const hasTools = ({ tools: given }: LanguageModelV4CallOptions) => given !== undefined

describe('a server that refuses tools', () => {
  it.each([
    [400, 'registry.ollama.ai/library/gemma:2b does not support tools'],
    [404, 'No endpoints found that support tool use.'],
    [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
    [500, 'tools param requires --jinja flag'],
    [501, 'function calling is not implemented'],
  ])('with %s, saying “%s”, is asked without, and not again for ten minutes', async (status, said) => {
    const { ask, calls, wait } = serverThat(hasTools, status, said)
    await ask()
    expect(calls.map(hasTools)).toEqual([true, false])
    expect(calls[1]).not.toHaveProperty('toolChoice')
    await ask()
    expect(calls.map(hasTools)).toEqual([true, false, false])
    wait(11 * 60_000)
    await ask()
    expect(calls.map(hasTools)).toEqual([true, false, false, true, false])
  })

  it('gets earlier calls in plain words', async () => {
    const earlier: LanguageModelV4Prompt = [
      ...prompt,
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'a', toolName: 'tool', input: {} }] },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'a', toolName: 'tool', output: { type: 'text', value: 'It is 4.' } },
        ],
      },
    ]
    const { ask, calls } = serverThat(hasTools, 400, 'tools are not supported')
    await ask({ prompt: earlier })
    expect(calls[1]?.prompt).toEqual([
      ...prompt,
      { role: 'user', content: [{ type: 'text', text: 'Tools gave:\nIt is 4.' }] },
    ])
  })

  it('says so to a program that insists on its own tools', async () => {
    const { ask, calls } = serverThat(hasTools, 400, 'tools are not supported')
    await expect(ask({ providerOptions: {} })).rejects.toThrow('Bad Request')
    expect(calls).toHaveLength(1)
  })
})

it.each([
  [401, 'tools are not supported'],
  [429, 'tools are not supported'],
  [400, 'The context is too long'],
])('a failure of another kind (%s, “%s”) is passed on', async (status, said) => {
  const { ask, calls } = serverThat(() => true, status, said)
  await expect(ask()).rejects.toThrow('Bad Request')
  expect(calls).toHaveLength(1)
})

it('a server that takes no schema is asked for the answer without one', async () => {
  const asksForm = ({ responseFormat }: LanguageModelV4CallOptions) => responseFormat !== undefined
  const { wrapped, calls } = serverThat(asksForm, 400, "'response_format.type' json_schema is unavailable now")
  await wrapped.doGenerate({ prompt, responseFormat: { type: 'json', name: 'plan' }, providerOptions: ours })
  expect(calls.map(asksForm)).toEqual([true, false])
})
