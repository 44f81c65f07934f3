import { NitroError } from '@nitroagi/shared/errors'
import type { StepData } from '@nitroagi/shared/runs'
import { describe, expect, it } from 'vitest'
import { moduleOf, orchestrate } from '../../test/orchestration.ts'
import { testCall } from '../../test/test-call.ts'
import type { Module } from '../modules/module.ts'
import { createModuleRegistry } from './registry.ts'
import { scoreOf, sentenceOf, startingWeights, weightsFor } from './selection.ts'
import { createSelectionMeasures } from './selection-measures.ts'

const answering = (name: string, more: Partial<Module> = {}): Module => ({
  ...moduleOf(name, 'answer', async function* () {}),
  ...more,
})

const ended = (module: string, status: 'completed' | 'failed', code?: string): StepData => ({
  id: 'answer',
  module,
  reason: '',
  status,
  startedAt: null,
  durationMs: 1,
  model: null,
  usage: null,
  confidence: null,
  confidenceBasis: null,
  summary: null,
  error: code === undefined ? null : { code, message: '' },
})

/** A registry after steps that ended for a workspace. */
async function afterSteps(modules: Module[], ...steps: StepData[]) {
  const registry = createModuleRegistry(modules)
  const call = testCall()
  const selector = await registry.open(call)
  for (const step of steps) {
    selector.told({ ...step, status: 'running' })
    selector.told(step)
  }
  selector.close()
  return { registry, call, open: () => registry.open(call) }
}

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value)

describe('a score', () => {
  const parts = { capability: 1, success: null, capacity: 0.5, health: 1 }

  it('shares the weight of what was not measured among the other parts', () => {
    const weights = weightsFor(parts, startingWeights)
    expect(weights.success).toBe(0)
    expect(weights.capability).toBeCloseTo(0.3 / 0.7)
    expect(weights.capability + weights.capacity + weights.health).toBeCloseTo(1)
    expect(scoreOf(parts, startingWeights)).toBeCloseTo((0.3 + 0.2 * 0.5 + 0.2) / 0.7)
  })

  it('is 0 when nothing was measured, not a number out of nothing', () =>
    expect(scoreOf({ capability: null, success: null, capacity: null, health: null }, startingWeights)).toBe(0))

  it('is told with its numbers, with what was not measured, and with who comes next', () =>
    expect(
      sentenceOf({
        score: 0.857,
        parts,
        weights: { capability: 0.429, success: 0, capacity: 0.286, health: 0.286 },
        learned: 0,
        measuredSteps: 0,
        others: [{ name: 'language', score: 0.81 }],
      }),
    ).toBe(
      'Score 0.86 = 0.43 × 1.00 capability + 0.29 × 0.50 capacity + 0.29 × 1.00 health (not measured: success); next: language 0.81',
    ))
})

describe('which module does a step', () => {
  it('changes when the first one fails eight of ten steps and the other works', async () => {
    const modules = [answering('first'), answering('second')]
    const { open } = await afterSteps(
      modules,
      ...times(8, ended('first', 'failed', 'internal')),
      ...times(2, ended('first', 'completed')),
      ...times(10, ended('second', 'completed')),
    )
    const choice = (await open()).choose('answer')
    expect(choice.module.manifest.name).toBe('second')
    expect(choice.selection).toMatchObject({ parts: { success: 1 }, measuredSteps: 10, others: [{ name: 'first' }] })
    expect(choice.selection!.others[0]!.score).toBeCloseTo(0.3 + 0.3 * 0.2 + 0.2 + 0.2)
    expect(choice.reason).toContain('next: first 0.76')
  })

  it('is measured for each workspace by itself', async () => {
    const modules = [answering('first'), answering('second')]
    const { registry } = await afterSteps(modules, ...times(10, ended('first', 'failed', 'internal')))
    const other = (await registry.open(testCall())).choose('answer')
    expect(other.module.manifest.name).toBe('first')
    expect(other.selection?.parts.success).toBeNull()
  })

  it('does not hold against a module what lay in the request', async () => {
    const { open } = await afterSteps([answering('first')], ...times(9, ended('first', 'failed', 'model_not_found')))
    expect((await open()).choose('answer').selection).toMatchObject({ parts: { success: null }, measuredSteps: 0 })
  })

  it('is one that is down only when nothing else can', async () => {
    const down = { health: async () => ({ status: 'down' as const, detail: null }) }
    const poor = answering('poor', { fit: { answer: 0 }, freeCapacity: () => 0 })
    const both = await createModuleRegistry([answering('down', down), poor]).open(testCall())
    expect(both.choose('answer').module.manifest.name).toBe('poor')
    const alone = await createModuleRegistry([answering('down', down)]).open(testCall())
    expect(alone.choose('answer').selection?.parts.health).toBe(0)
  })

  it('counts one that is being tried again as half there', async () => {
    const trying = { health: async () => ({ status: 'down' as const, detail: null, isTrying: true }) }
    const selector = await createModuleRegistry([answering('back', trying)]).open(testCall())
    expect(selector.choose('answer').selection?.parts.health).toBe(0.5)
  })

  it('is one with free places rather than one without', async () => {
    const busy = answering('busy', { freeCapacity: () => 0.1 })
    const selector = await createModuleRegistry([busy, answering('free')]).open(testCall())
    expect(selector.choose('answer').module.manifest.name).toBe('free')
  })

  it('sees what runs at this moment, and gives back the places of an answer that was cut', async () => {
    const registry = createModuleRegistry([answering('first'), answering('second')])
    const running = await registry.open(testCall())
    for (let step = 0; step < 32; step++)
      running.told({ ...ended('first', 'completed'), id: `s${step}`, status: 'running' })
    const meanwhile = (await registry.open(testCall())).choose('answer')
    expect(meanwhile.module.manifest.name).toBe('second')
    expect(meanwhile.selection!.others[0]!.score).toBeCloseTo(1 - (0.2 / 0.7) * 0.5, 2)
    running.close()
    expect((await registry.open(testCall())).choose('answer').module.manifest.name).toBe('first')
  })

  it('waits for no health check that hangs, and shows its health as not measured', async () => {
    const hanging = answering('hanging', { health: () => new Promise(() => {}) })
    const selector = await createModuleRegistry([hanging]).open(testCall())
    expect(selector.choose('answer').selection?.parts.health).toBeNull()
  })

  it('is not upset by a module that cannot say how busy it is', async () => {
    const broken = answering('broken', {
      freeCapacity: () => {
        throw new Error('broken on purpose')
      },
    })
    const selector = await createModuleRegistry([broken]).open(testCall())
    expect(selector.choose('answer').selection?.parts.capacity).toBeNull()
  })

  it('begins from the steps that were stored before this process was there', async () => {
    const steps = times(10, { module: 'first', status: 'failed', errorCode: 'internal', at: new Date() })
    const measures = createSelectionMeasures({ endedSteps: async () => steps })
    const registry = createModuleRegistry([answering('first'), answering('second')], undefined, { measures })
    const selector = await registry.open(testCall())
    expect(selector.choose('answer').module.manifest.name).toBe('second')
  })

  it('goes on without the stored steps when they cannot be read', async () => {
    const measures = createSelectionMeasures({ endedSteps: () => Promise.reject(new Error('away')) })
    const selector = await createModuleRegistry([answering('first')], undefined, { measures }).open(testCall())
    expect(selector.choose('answer').selection?.parts.success).toBeNull()
  })
})

describe('an answer', () => {
  it('is taken over by the next by score when the chosen module fails', async () => {
    const saying = (name: string, fit: number, text: string): Module => ({
      ...moduleOf(name, 'answer', async function* () {
        if (text === '') throw new NitroError('unavailable', 'Away')
        yield { type: 'text-delta', delta: text }
      }),
      fit: { answer: fit },
    })
    const { text, plan, steps } = await orchestrate(
      { question: 'Hello' },
      { modules: [saying('third', 0.2, 'third'), saying('best', 1, ''), saying('second', 0.9, 'second')] },
    )
    expect(text).toBe('second')
    expect(steps.map(({ module, status }) => [module, status])).toEqual([
      ['best', 'failed'],
      ['second', 'completed'],
    ])
    expect(plan?.kind).toBe('conversation')
    const again = plan?.steps.find(({ id }) => id === 'answer-again')
    expect(again?.selection?.others).toMatchObject([{ name: 'third' }])
  })
})
