import { NitroError } from '@nitroagi/shared/errors'
import type { NitroChunk } from '@nitroagi/shared/runs'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import { createWordEmbedder } from '../../test/word-embedder.ts'
import type { Finding, Module, Task } from '../modules/module.ts'
import { createScriptedLanguageModels } from '../ports/language-model/scripted.ts'
import { createOrchestrator } from './orchestrator.ts'
import { orderedSteps } from './plan.ts'
import type { AnswerRequest } from './port.ts'
import { createModuleRegistry } from './registry.ts'
import { planByRules } from './rule-planner.ts'

const step = (id: string, ...dependsOn: string[]) => ({ id, capability: 'answer', task: id, dependsOn })
const request = (question: string, more: Partial<AnswerRequest> = {}): AnswerRequest => ({
  question,
  history: [],
  ...more,
})

describe('a plan', () => {
  it('is put in an order in which every step follows what it needs', () => {
    const ids = orderedSteps({ steps: [step('c', 'a', 'b'), step('b', 'a'), step('a')] }).map(({ id }) => id)
    expect(ids).toEqual(['a', 'b', 'c'])
  })

  it.each([
    ['a cycle', { steps: [step('a', 'b'), step('b', 'a')] }, 'a → b → a'],
    ['a missing step', { steps: [step('a', 'z')] }, 'depends on z'],
    ['the same id twice', { steps: [step('a'), step('a')] }, 'same id'],
    ['fifty steps', { steps: Array.from({ length: 50 }, (_, i) => step(`s${i}`)) }, 'at most 12'],
    ['no steps', { steps: [] }, 'needs a step'],
    ['garbage', 'search the web', 'cannot be carried out'],
  ])('with %s is refused with a reason', (_name, plan, reason) => {
    expect(() => orderedSteps(plan)).toThrow(reason)
  })
})

describe('the rule planner', () => {
  const plan = (question: string, more?: Partial<AnswerRequest>) =>
    planByRules(request(question, more), {
      canCompute: (text) => /^\d/.test(text),
      wantsTable: () => false,
      wantsSummary: () => undefined,
      wantsText: () => false,
    }).steps.map(({ capability }) => capability)

  it('looks a question up before answering it', () =>
    expect(plan('When was the bridge built?')).toEqual(['search', 'answer']))
  it('computes what can be computed', () => expect(plan('2 + 2')).toEqual(['arithmetic', 'answer']))
  it('searches nothing for a greeting', () => expect(plan('Hello!')).toEqual(['answer']))
  it('searches nothing when there is nothing to search', () =>
    expect(plan('When?', { collectionIds: [] })).toEqual(['answer']))
})

describe('an answer', () => {
  it('hands each step what the ones before found, and tells the trace with measured times', async () => {
    const seen: Task[] = []
    const { chunks, summary } = await answerWith(
      'What is it?',
      moduleOf('knowledge', 'search', [
        { type: 'passages', hits: [{ entryId: 'e', content: 'It is blue.' } as never] },
        { type: 'report', summary: '1 passage' },
      ]),
      moduleOf(
        'language',
        'answer',
        [
          { type: 'text-delta', delta: 'Blue' },
          { type: 'report', model: 'm' },
        ],
        seen,
      ),
    )
    expect(seen[0]?.evidence.passages).toHaveLength(1)
    expect(chunks.map((chunk) => chunk.type)).toEqual([
      'data-plan',
      'data-step',
      'data-step',
      'data-step',
      'text-start',
      'text-delta',
      'data-step',
      'text-end',
      'data-confidence',
    ])
    const done = chunks.filter((chunk) => chunk.type === 'data-step' && chunk.data.status === 'completed')
    expect(done).toMatchObject([
      {
        data: {
          module: 'knowledge',
          summary: '1 passage',
          confidence: null,
          reason: 'The only module that can search documents',
        },
      },
      { data: { module: 'language', model: 'm' } },
    ])
    for (const chunk of done) expect(chunk.type === 'data-step' && chunk.data.durationMs).toBeGreaterThanOrEqual(0)
    expect(summary).toEqual({ model: 'm', strategy: 'sequential', usage: null })
  })

  it('goes on without a step that failed, and says so', async () => {
    const { chunks } = await answerWith(
      'What is it?',
      failing('knowledge', 'search', new NitroError('unavailable', 'The index is away')),
      moduleOf('language', 'answer', [{ type: 'text-delta', delta: 'I guess' }]),
    )
    expect(chunks).toContainEqual(expect.objectContaining({ type: 'data-notice', id: 'failed-knowledge' }))
    expect(chunks).toContainEqual(expect.objectContaining({ type: 'text-delta', delta: 'I guess' }))
  })

  it('fails with the words of the module that should have answered', async () => {
    const broken = failing('language', 'answer', new NitroError('model_unauthorized', 'The key was refused'))
    await expect(answerWith('Hello', broken)).rejects.toThrow('The key was refused')
  })
})

const moduleOf = (name: string, capability: string, findings: Finding[], seen: Task[] = []): Module => ({
  manifest: { name, description: name, capabilities: [capability], cost: 'free', latency: 'instant', needs: [] },
  health: async () => ({ status: 'ok', detail: null }),
  test: async () => 'works',
  async *run(_call, task) {
    seen.push(task)
    yield* findings
  },
})

const failing = (name: string, capability: string, error: Error): Module => ({
  ...moduleOf(name, capability, []),
  async *run() {
    throw error
  },
})

async function answerWith(question: string, ...modules: Module[]) {
  const orchestrator = createOrchestrator({
    registry: createModuleRegistry(modules),
    models: createScriptedLanguageModels(),
    embedder: createWordEmbedder(),
    canCompute: () => false,
    measureSupport: () => ({ value: 1, basis: 'given by the test' }),
  })
  const answer = orchestrator.answer(testCall(), request(question))
  const chunks: NitroChunk[] = []
  for (;;) {
    const next = await answer.next()
    if (next.done) return { chunks, summary: next.value }
    chunks.push(next.value)
  }
}
