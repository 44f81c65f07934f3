import type { Arm } from '@nitroagi/shared/learning'
import { describe, expect, it } from 'vitest'
import { moduleOf, orchestrate } from '../../test/orchestration.ts'
import { testCall } from '../../test/test-call.ts'
import type { LoggedChoice, RatedAnswer } from '../ports/database/learning-port.ts'
import { createScriptedLanguageModels } from '../ports/language-model/scripted.ts'
import type { LanguageModels, NamedModel } from '../ports/language-model/port.ts'
import { createModuleRegistry } from './registry.ts'
import { startingWeights } from './selection.ts'
import { chancesOf, createRandom, drawArm, startingPolicy, type Chance, type Policy } from './selection-arms.ts'
import { chooseArm } from './selection-choice.ts'
import { learnFrom, learnWeights } from './selection-learning.ts'

const arm = (strategy: string, model: string | null = 'm'): Arm => ({ module: 'language', model, strategy })
const rules = arm('sequential')
const other = arm('conditional')
const full = { capability: 1, success: 1, capacity: 1, health: 1 }

const rated = (by: Arm, isUp: boolean, more: Partial<RatedAnswer> = {}): RatedAnswer => ({
  kind: 'lookup',
  ...by,
  parts: full,
  choice: null,
  isUp,
  isExplained: false,
  ...more,
})
const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value)

const learn = (answers: RatedAnswer[], before: Policy = startingPolicy, choices: LoggedChoice[] = []) =>
  learnFrom({ rated: answers, choices, before, from: new Date(0), to: new Date(1) })
const policyAfter = (answers: RatedAnswer[], before: Policy = startingPolicy): Policy => {
  const { weights, arms } = learn(answers, before)
  return { version: (before.version ?? 0) + 1, weights, arms }
}
const probabilities = (chances: Chance[]) => chances.map(({ probability }) => probability)
const likeliest = (chances: Chance[]) => chances.reduce((one, two) => (two.probability > one.probability ? two : one))

describe('without feedback', () => {
  it('the rules’ choice is the only one, and the weights are the starting weights exactly', () => {
    const { weights, arms, report } = learn([])
    expect(weights).toEqual(startingWeights)
    expect(arms).toEqual([])
    expect(report).toMatchObject({ ratedAnswers: 0, arms: [], choices: { logged: 0 }, estimate: { after: null } })
    expect(probabilities(chancesOf(startingPolicy, 'lookup', [rules, other]))).toEqual([1, 0])
    expect(probabilities(chancesOf({ version: 1, weights, arms }, 'lookup', [rules, other]))).toEqual([1, 0])
  })

  it('a few thumbs change nothing yet', () => {
    const policy = policyAfter(times(9, rated(other, true)))
    expect(probabilities(chancesOf(policy, 'lookup', [rules, other]))).toEqual([1, 0])
  })
})

describe('with feedback', () => {
  const better = policyAfter([
    ...times(20, rated(other, true)),
    ...times(5, rated(rules, true)),
    ...times(15, rated(rules, false)),
  ])

  it('the better way is taken most of the time, and drawn the same again for the same answer', () => {
    const chances = chancesOf(better, 'lookup', [rules, other])
    expect(likeliest(chances)).toMatchObject(other)
    expect(chances[0]!.probability + chances[1]!.probability).toBeCloseTo(1)
    expect(chancesOf(better, 'lookup', [rules, other])).toEqual(chances)
    expect(drawArm(chances, 'run-1')).toBe(drawArm(chances, 'run-1'))
    const undecided = [rules, other].map((one) => ({ ...one, probability: 0.5 }))
    const drawn = Array.from({ length: 100 }, (_, run) => drawArm(undecided, `run-${run}`))
    expect(new Set(drawn).size).toBe(2)
  })

  it('never tries others in more than a fifth of the answers', () => {
    const policy = policyAfter([...times(6, rated(rules, true)), ...times(6, rated(rules, false))])
    const chances = chancesOf(policy, 'lookup', [rules, other, arm('parallel'), arm('sequential', 'n')])
    expect(chances[0]!.probability).toBeGreaterThanOrEqual(0.8)
    expect(chances[1]!.probability).toBeGreaterThan(0)
  })

  it('does not carry over to what is not open, nor to another kind as if it had been rated there', () => {
    expect(probabilities(chancesOf(better, 'lookup', [rules]))).toEqual([1])
    const here = chancesOf(better, 'lookup', [rules, other])[1]!.probability
    const there = chancesOf(better, 'table', [rules, other])[1]!.probability
    expect(there).toBeLessThan(here)
  })

  it('a thumb down that says why weighs more than one that does not', () => {
    const down = (isExplained: boolean) => learn(times(12, rated(rules, false, { isExplained }))).arms[0]!.down
    expect(down(true)).toBeGreaterThan(down(false))
  })

  it('counts the choices that would be made in another way now, and estimates what they would be worth', () => {
    const choice = {
      model: 'm',
      reason: '',
      version: 1,
      arms: [rules, other].map((one) => ({ ...one, probability: 0.5 })),
    }
    const logged = (by: Arm, isUp: boolean) => rated(by, isUp, { choice })
    const answers = [
      ...times(36, logged(other, true)),
      ...times(4, logged(other, false)),
      ...times(12, logged(rules, true)),
      ...times(28, logged(rules, false)),
    ]
    const { report } = learn(answers, { ...startingPolicy, version: 1 }, answers)
    expect(report.choices).toEqual({ logged: 80, changed: 40 })
    expect(report.estimate.before).toBe(0.6)
    // 0.9 of the better one, as often as it is likely, and 0.3 of the other.
    expect(report.estimate.after).toBeGreaterThan(0.75)
    expect(report.estimate.after).toBeLessThanOrEqual(0.9)
    const few = learn(answers.slice(0, 20), { ...startingPolicy, version: 1 }, [])
    expect(few.report.estimate.after).toBeNull()
    expect(few.report.estimate.basis).toContain('Not enough to tell')
  })
})

describe('simulated people', () => {
  /** How often each way is found good, by kind of question; the rules take the first. */
  const worth: Record<string, readonly [sequential: number, conditional: number, model: number]> = {
    lookup: [0.45, 0.8, 0.5],
    table: [0.85, 0.4, 0.6],
  }
  const arms = [rules, other, arm('sequential', 'n')]

  it('lead to the way that they like better, by kind, with less regret than the rules', () => {
    const random = createRandom('simulated people')
    let policy: Policy = startingPolicy
    const answers: RatedAnswer[] = []
    let regret = 0
    let rulesRegret = 0
    for (let night = 0; night < 25; night++) {
      for (let answer = 0; answer < 16; answer++) {
        const kind = answer % 2 === 0 ? 'lookup' : 'table'
        const chosen = drawArm(chancesOf(policy, kind, arms), `${night} ${answer}`)
        const place = arms.findIndex(({ strategy, model }) => strategy === chosen.strategy && model === chosen.model)
        const values = worth[kind]!
        regret += Math.max(...values) - values[place]!
        rulesRegret += Math.max(...values) - values[0]
        answers.push(rated(arms[place]!, random() < values[place]!, { kind }))
      }
      policy = policyAfter(answers, policy)
    }
    expect(likeliest(chancesOf(policy, 'lookup', arms))).toMatchObject(other)
    expect(likeliest(chancesOf(policy, 'table', arms))).toMatchObject(rules)
    expect(regret).toBeLessThan(rulesRegret)
  })
})

describe('the weights', () => {
  it('go to the part that goes with thumbs up, stay positive and sum to one', () => {
    const answers = [
      ...times(60, { parts: { ...full, success: 0.2 }, isUp: false }),
      ...times(60, { parts: { ...full, success: 1, capacity: 0.3 }, isUp: true }),
    ]
    const weights = learnWeights(answers)
    expect(weights.success).toBeGreaterThan(startingWeights.success)
    expect(weights.capacity).toBeLessThan(startingWeights.capacity)
    expect(Math.min(...Object.values(weights))).toBeGreaterThanOrEqual(0)
    expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1)
  })

  it('stay where they are when the parts never varied or were not measured', () => {
    const same = [...times(30, { parts: full, isUp: true }), ...times(30, { parts: full, isUp: false })]
    expect(learnWeights(same)).toEqual(startingWeights)
    expect(learnWeights(times(30, { parts: null, isUp: true }))).toEqual(startingWeights)
  })
})

describe('a choice', () => {
  const price = (usd: number) => ({ inputUsd: usd, outputUsd: usd })
  const modelNamed = (id: string, usd: number | null): NamedModel => {
    const named = createScriptedLanguageModels().get('nitro-auto')
    const [provider] = id.split('/') as [string]
    return { ...named, info: { ...named.info, id, provider }, price: usd === null ? null : price(usd) }
  }
  const able: Record<string, NamedModel> = {
    'a/usual': modelNamed('a/usual', 1),
    'b/cheaper': modelNamed('b/cheaper', 0.5),
    'c/dearer': modelNamed('c/dearer', 2),
    'd/unknown': modelNamed('d/unknown', null),
  }
  const models: LanguageModels = {
    ...createScriptedLanguageModels(),
    defaultModel: 'a/usual',
    alternatives: () => Object.keys(able).slice(1),
    get: (name) => able[name === 'nitro-auto' ? 'a/usual' : name.replace(/^nitro-auto\//, '')]!,
  }
  const step = (id: string, capability: 'search' | 'answer') => ({ id, capability, task: id, dependsOn: [] })
  const plan = [step('find', 'search'), step('answer', 'answer')]

  async function choose(
    question: string,
    {
      policy = startingPolicy,
      model,
      seed = 'run',
      steps = plan,
    }: Partial<{ policy: Policy; model: string; seed: string; steps: typeof plan }> = {},
  ) {
    const module = { ...moduleOf('language', 'answer', async function* () {}) }
    const selector = await createModuleRegistry([module], undefined, { policy: () => policy }).open(testCall())
    const request = { question, history: [], ...(model === undefined ? {} : { model }) }
    return { ...chooseArm({ request, steps, kind: 'lookup', selector, models, canWrite: true, seed }), selector }
  }

  it('is open between ways that cost no more than the rules’, and is theirs while nothing was learned', async () => {
    const { choice, strategy, request } = await choose('Who built the bridge?')
    expect(choice?.arms?.map(({ model, strategy: way }) => `${model} ${way}`)).toEqual([
      'a/usual sequential',
      'a/usual conditional',
      'b/cheaper sequential',
      'b/cheaper conditional',
    ])
    expect({ strategy, model: request.model, probability: choice?.arms?.[0]?.probability }).toEqual({
      strategy: 'sequential',
      model: undefined,
      probability: 1,
    })
  })

  it('follows what was learned, and keeps stand-ins for the model that it prefers', async () => {
    const policy = policyAfter([
      ...times(40, rated(arm('sequential', 'b/cheaper'), true)),
      ...times(40, rated(arm('sequential', 'a/usual'), false)),
    ])
    const seeds = Array.from({ length: 20 }, (_, index) => `run-${index}`)
    const chosen = await Promise.all(seeds.map((seed) => choose('Who built the bridge?', { policy, seed })))
    const preferred = chosen.filter(({ request }) => request.model === 'nitro-auto/b/cheaper')
    expect(preferred.length).toBeGreaterThan(10)
    const learned = preferred.find(({ choice }) => choice?.reason.startsWith('Learned'))
    expect(learned?.choice).toMatchObject({ model: 'b/cheaper', version: 1 })
    expect(learned?.selector.choose('answer').selection?.learned).toBeGreaterThan(0)
  })

  it('is not there where somebody chose, or where the words leave no doubt', async () => {
    expect((await choose('Who built it? Please double-check.')).choice).toBeUndefined()
    expect((await choose('Only answer if it is in my documents: who built it?')).choice?.arms).toHaveLength(2)
    const chosen = await choose('Who built the bridge?', { model: 'c/dearer' })
    expect(chosen.choice?.arms?.map(({ model }) => model)).toEqual(['c/dearer', 'c/dearer'])
    expect(chosen.request.model).toBe('c/dearer')
  })

  it('is told in the plan, with the kind of question', async () => {
    const { plan: told } = await orchestrate({ question: 'Who built the bridge?' })
    expect(told).toMatchObject({ kind: 'lookup', choice: { model: 'scripted/default', version: null } })
    expect(told?.choice?.reason).toContain('nothing was learned')
  })
})

describe('a module', () => {
  it('is preferred to one that scores higher when people like its answers better', async () => {
    const by = (module: string): Arm => ({ module, model: null, strategy: 'sequential' })
    const policy = policyAfter([
      ...times(30, rated(by('plain'), true, { kind: 'conversation' })),
      ...times(30, rated(by('clever'), false, { kind: 'conversation' })),
    ])
    const modules = [
      moduleOf('clever', 'answer', async function* () {}),
      { ...moduleOf('plain', 'answer', async function* () {}), fit: { answer: 0.8 } },
    ]
    const selector = await createModuleRegistry(modules, undefined, { policy: () => policy }).open(testCall())
    const step = { id: 'answer', capability: 'answer' as const, task: '', dependsOn: [] }
    const models = createScriptedLanguageModels()
    const request = { question: 'Hello', history: [] }
    const chosen = chooseArm({
      request,
      steps: [step],
      kind: 'conversation',
      selector,
      models,
      canWrite: true,
      seed: 'a run',
    })
    expect(chosen.choice?.arms?.map(({ module }) => module)).toEqual(['clever', 'plain'])
    expect(chosen.choice?.reason).toMatch(/^Learned: \d+ % thumbs up are to be expected of plain/)
    const { module, reason, selection } = selector.choose('answer')
    expect(module.manifest.name).toBe('plain')
    expect(reason).toContain('next: clever')
    expect(selection?.learned).toBeGreaterThan(0)
    expect(selector.chooseInstead('answer', 'plain')?.selection?.learned).toBe(0)
  })
})
