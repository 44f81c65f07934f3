import { createMessageParts, textOf } from '@nitroagi/shared/message-parts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hitOf, moduleOf, orchestrate } from '../../test/orchestration.ts'
import { createKnowledgeModule } from '../modules/knowledge/knowledge.ts'
import { createLanguageModule } from '../modules/language/language.ts'
import type { Task } from '../modules/module.ts'
import { createTool } from '../modules/tool.ts'
import { createScriptedLanguageModels, type Script } from '../ports/language-model/scripted.ts'

const question = 'Who built the bridge?'

const ask = (output: unknown) =>
  createTool({
    name: 'ask',
    description: 'ask',
    input: z.object({ x: z.string() }),
    execute: async () => ({ output }),
  })
const search = createTool({
  name: 'search',
  description: 'search',
  input: z.object({ x: z.string() }),
  execute: async () => ({ passages: [hitOf('Brunel built the bridge.')] }),
})
const calls = (name: string, x = 'a'): Script => ({ deltas: ['Let me see.'], toolCalls: [{ name, input: { x } }] })

/** The script of a model that calls the tool once for every answer, and then says this. */
const once =
  (name: string, said: string) =>
  (options: { prompt: readonly { role: string }[]; responseFormat?: { type: string } }) =>
    options.responseFormat?.type === 'json'
      ? { deltas: ['{"best": 2, "reason": "Right."}'] }
      : options.prompt.at(-1)?.role === 'tool'
        ? { deltas: [said] }
        : calls(name)

function messageOf(chunks: Parameters<ReturnType<typeof createMessageParts>['add']>[0][]) {
  const message = createMessageParts()
  for (const chunk of chunks) message.add(chunk)
  return message.parts.filter(({ type }) => type === 'text' || type === 'dynamic-tool')
}

describe('an answer with tools', () => {
  it('stands in the message in the order in which it was made, each text a paragraph', async () => {
    const { chunks } = await orchestrate({ question }, { script: once('ask', 'Brunel did.'), tools: [ask('Brunel')] })
    const parts = messageOf(chunks)
    expect(parts).toMatchObject([
      { type: 'text', text: 'Let me see.', state: 'done' },
      { type: 'dynamic-tool', toolName: 'ask', state: 'output-available', output: 'Brunel' },
      { type: 'text', text: 'Brunel did.', state: 'done' },
    ])
    expect(textOf(parts)).toBe('Let me see.\n\nBrunel did.')
  })

  it('is one of several in a consensus, and the chosen one brings its calls along', async () => {
    const { chunks, consensus } = await orchestrate(
      { question, strategy: 'consensus' },
      { script: once('ask', 'Brunel did.'), tools: [ask('Brunel')] },
    )
    expect(consensus?.answers.map(({ text }) => text)).toEqual(Array(3).fill('Let me see.\n\nBrunel did.'))
    expect(messageOf(chunks).map(({ type }) => type)).toEqual(['text', 'dynamic-tool', 'text'])
  })

  it('is drafted with tools, and the last step is given what the draft had found', async () => {
    const { calls: asked, error } = await orchestrate(
      { question, strategy: 'pipeline' },
      { script: once('search', 'Brunel did [2].'), tools: [search], search: () => [hitOf('Another passage.')] },
    )
    expect(error).toBeUndefined()
    const last = JSON.stringify(asked.at(-1)?.prompt.filter(({ role }) => role === 'user'))
    expect(last).toMatch(/<passage number=\\"2\\"[^>]*>\\nBrunel built the bridge/)
    expect(last).toContain('Brunel did [2].')
  })

  it('is checked against the passages that a tool found, too', async () => {
    const seen: Task[] = []
    const models = createScriptedLanguageModels(once('search', 'Brunel did [2].'))
    const critic = {
      ...moduleOf('critic', 'verify', async function* () {}),
      async *run(_call: unknown, task: Task) {
        seen.push(task)
        yield { type: 'report' as const, summary: 'checked' }
      },
    }
    const modules = [
      createKnowledgeModule({ search: async () => [hitOf('Another passage.')] }),
      createLanguageModule({ models, tools: [search] }),
      critic,
    ]
    await orchestrate({ question }, { modules })
    expect(seen[0]?.evidence.passages.map(({ content }) => content)).toEqual([
      'Another passage.',
      'Brunel built the bridge.',
    ])
    expect(seen[0]?.answer).toMatchObject({ citations: [{ number: 2, quote: 'Brunel built the bridge.' }] })
  })
})

describe('a tool loop without end', () => {
  it('ends where the budget of the answer ends: one error, its words kept, no call above it', async () => {
    const budget = { steps: 20, tokens: 15_000, usd: 2, seconds: 60 }
    const {
      error,
      text,
      calls: asked,
      steps,
    } = await orchestrate(
      { question },
      {
        script: (_options, index) => ({
          ...calls('ask', `${index}`),
          usage: { inputTokens: 3_000, outputTokens: 1_000 },
        }),
        tools: [ask('more')],
        limits: { budget },
      },
    )
    expect(error).toMatchObject({ code: 'budget_exceeded' })
    // Each takes 4,000 and needs 4,096 and its prompt set aside before: a fourth would not fit.
    expect(asked).toHaveLength(3)
    expect(text).toBe('Let me see.'.repeat(3))
    expect(steps.at(-1)).toMatchObject({ status: 'failed', usage: { inputTokens: 9_000, outputTokens: 3_000 } })
  })

  it('ends where a step has said enough', async () => {
    const { error, chunks } = await orchestrate(
      { question },
      {
        script: (_options, index) => calls('ask', `${index}`),
        tools: [ask('x'.repeat(10_000))],
        limits: { stepCharacters: 25_000 },
      },
    )
    expect(error).toMatchObject({ code: 'step_failed' })
    expect(chunks.filter(({ type }) => type === 'tool-output-available')).toHaveLength(2)
  })

  it('ends with its step when a tool hangs longer than that', async () => {
    const hanging = { ...ask(''), execute: () => new Promise<never>(() => {}) }
    const { error, text } = await orchestrate(
      { question },
      { script: () => calls('ask'), tools: [hanging], limits: { stepSeconds: { answer: 0.2 } } },
    )
    expect(error).toMatchObject({ code: 'step_failed' })
    expect(text).toBe('Let me see.')
  })
})
