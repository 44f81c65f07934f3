import { describe, expect, it } from 'vitest'
import { hitOf, moduleOf, orchestrate } from '../../test/orchestration.ts'
import type { Finding } from '../modules/module.ts'
import { createBudget } from './budget.ts'

const question = 'Who built the bridge?'
const brief = { stepSeconds: { recall: 0.05, search: 0.05, arithmetic: 0.05, answer: 0.05 } }
const word = (delta: string): Finding => ({ type: 'text-delta', delta })
const never = () => new Promise<never>(() => {})

async function* says(...findings: Finding[]) {
  yield* findings
}
const search = () => moduleOf('knowledge', 'search', () => says({ type: 'passages', hits: [hitOf('A passage.')] }))

describe('a module that', () => {
  it('hangs is given up at its deadline, and the answer is made without it', async () => {
    const hanging = moduleOf('knowledge', 'search', async function* () {
      yield await never()
    })
    const { text, step, notices } = await orchestrate(
      { question },
      { modules: [hanging, moduleOf('language', 'answer', () => says(word('An answer.')))], limits: brief },
    )
    expect(text).toBe('An answer.')
    expect(step('retrieve')).toMatchObject({ status: 'failed', error: { code: 'step_failed' } })
    expect(notices).toMatchObject([{ code: 'step_failed', level: 'warning' }])
  })

  it('hangs in the middle of the answer leaves what it said, and one typed error', async () => {
    const hanging = moduleOf('language', 'answer', async function* () {
      yield word('Half an ')
      yield await never()
    })
    const { text, error, steps } = await orchestrate({ question }, { modules: [search(), hanging], limits: brief })
    expect(text).toBe('Half an ')
    expect(error).toMatchObject({ code: 'step_failed' })
    expect(steps.filter(({ status }) => status === 'failed')).toHaveLength(1)
  })

  it('says 50 MB is cut at what a step may say', async () => {
    const loud = moduleOf('language', 'answer', () => says(word('x'.repeat(50 * 1024 * 1024))))
    const { text, error } = await orchestrate(
      { question },
      { modules: [search(), loud], limits: { stepCharacters: 1_000 } },
    )
    expect(text).toHaveLength(1_000)
    expect(error).toMatchObject({ code: 'step_failed' })
  })

  it('never stops saying nothing ends all the same', async () => {
    const empty = moduleOf('language', 'answer', async function* () {
      for (;;) yield word('')
    })
    const { error } = await orchestrate({ question }, { modules: [search(), empty], limits: { stepCharacters: 1_000 } })
    expect(error).toMatchObject({ code: 'step_failed' })
  })

  it('throws before its first word is replaced by another that can do the same', async () => {
    const broken = moduleOf('language', 'answer', async function* () {
      if (question) throw new TypeError('a secret of the module')
      yield word('')
    })
    const { text, plan, steps, error } = await orchestrate(
      { question },
      { modules: [search(), broken, moduleOf('writer', 'answer', () => says(word('Another answer.')))] },
    )
    expect(error).toBeUndefined()
    expect(text).toBe('Another answer.')
    expect(plan?.replanned).toContain('answer failed')
    expect(plan?.steps.map(({ module }) => module)).toContain('writer')
    expect(JSON.stringify(steps)).not.toContain('secret')
  })

  it('is at work when the answer is stopped hears of it', async () => {
    const stop = new AbortController()
    let heard: AbortSignal | undefined
    const slow = {
      ...moduleOf('language', 'answer', () => says()),
      async *run(call: { signal: AbortSignal }) {
        heard = call.signal
        setTimeout(() => stop.abort(), 5)
        yield await never()
      },
    }
    const { steps } = await orchestrate({ question }, { modules: [search(), slow], signal: stop.signal })
    expect(heard?.aborted).toBe(true)
    expect(steps.at(-1)?.status).toBe('stopped')
  })
})

describe('a plan by a model', () => {
  const planned = (said: string, more = {}) =>
    orchestrate(
      { question, planner: 'model', ...more },
      { script: ({ responseFormat }) => ({ deltas: [responseFormat?.type === 'json' ? said : 'Answered.'] }) },
    )
  const step = (id: string, capability: string, ...dependsOn: string[]) => ({
    id,
    capability,
    task: id,
    input: `About ${id}`,
    dependsOn,
  })
  const plan = (...steps: object[]) => JSON.stringify({ steps })

  it('is carried out, each step with its own narrow input, and paid for', async () => {
    const {
      plan: told,
      calls,
      summary,
    } = await planned(
      '```json\n' +
        plan(step('bridges', 'search'), step('towers', 'search'), step('end', 'answer', 'bridges', 'towers')) +
        '\n```',
    )
    expect(told).toMatchObject({ planner: 'model', strategy: 'parallel', usage: { outputTokens: 1 } })
    expect(JSON.stringify(calls[1]?.prompt)).toContain('About bridges')
    expect(JSON.stringify(calls[1]?.prompt)).toContain(question)
    expect(summary?.usage).toMatchObject({ inputTokens: 20, outputTokens: 2 })
  })

  it.each([
    ['garbage', 'I would search the web.'],
    ['a cycle', plan(step('a', 'search', 'b'), step('b', 'search', 'a'), step('c', 'answer', 'a'))],
    ['fifty steps', plan(...Array.from({ length: 50 }, (_, index) => step(`s${index}`, 'answer')))],
    ['an unknown module', plan(step('a', 'teleport'), step('b', 'answer', 'a'))],
    ['a step of nowhere', plan(step('a', 'answer', 'z'))],
    ['no answer', plan(step('a', 'search'))],
    ['nothing', plan()],
  ])('that is %s gives way to the rules, which it says once', async (_name, said) => {
    const { plan: told, text, notices, error } = await planned(said)
    expect(error).toBeUndefined()
    expect(told?.planner).toBe('rules')
    expect(text).toBe('Answered.')
    expect(notices.map(({ code }) => code)).toEqual(['plan_by_rules'])
  })

  it('is made by rules when there is no language model', async () => {
    const { plan: told, notices } = await orchestrate({ question, planner: 'model' }, { offline: true })
    expect(told?.planner).toBe('rules')
    expect(notices[0]?.message).toContain('no language model')
  })

  it('is asked for other steps once when one has failed', async () => {
    let searches = 0
    const {
      plan: told,
      text,
      notices,
    } = await orchestrate(
      { question, planner: 'model' },
      {
        script: ({ responseFormat }, index) => ({
          deltas: [
            responseFormat?.type !== 'json'
              ? 'Answered.'
              : index === 0
                ? plan(step('one', 'search'), step('end', 'answer', 'one'))
                : plan(step('two', 'search')),
          ],
        }),
        search: () => {
          if (searches++ === 0) throw new Error('away')
          return [hitOf('Found at last.')]
        },
      },
    )
    expect(text).toBe('Answered.')
    expect(told?.replanned).toContain('one failed')
    expect(searches).toBe(2)
    expect(notices).toEqual([])
  })
})

describe('a budget', () => {
  const model = (inputUsd: number) => ({ info: { id: 'm' }, price: { inputUsd, outputUsd: inputUsd } }) as never

  it('refuses before the call what could become too much, and takes back what was not used', () => {
    const budget = createBudget({ steps: 9, tokens: 10_000, usd: 1, seconds: 60 })
    const first = budget.reserve(model(1), 400)
    const second = budget.reserve(model(1), 400)
    expect(() => budget.reserve(model(1), 8_000)).toThrow('10,000 tokens')
    first.settle({ inputTokens: 90, outputTokens: 10, estimated: false, costUsd: 0.0001 })
    second.settle(null)
    expect(budget.used).toMatchObject({ tokens: 100 })
    expect(() => budget.reserve(model(1), 8_000)).not.toThrow()
  })

  it('counts money by the price table, and none for a model without a price', () => {
    const budget = createBudget({ steps: 9, tokens: 1_000_000, usd: 0.01, seconds: 60 })
    expect(() => budget.reserve(model(5), 4_000)).toThrow('$0.01')
    expect(() => budget.reserve({ info: { id: 'm' }, price: null } as never, 4_000)).not.toThrow()
  })

  it('that is used up ends the answer with one typed error, and asks no model', async () => {
    const budget = { steps: 20, tokens: 100, usd: 1, seconds: 60 }
    const { error, calls, steps } = await orchestrate({ question }, { limits: { budget } })
    expect(error).toMatchObject({ code: 'budget_exceeded' })
    expect(calls).toHaveLength(0)
    expect(steps.at(-1)).toMatchObject({ status: 'failed', error: { code: 'budget_exceeded' } })
  })

  it('of steps holds for every strategy', async () => {
    const budget = { steps: 2, tokens: 100_000, usd: 1, seconds: 60 }
    const { consensus, notices } = await orchestrate({ question, strategy: 'consensus' }, { limits: { budget } })
    expect(consensus?.answers).toHaveLength(1)
    expect(notices.map(({ code }) => code)).toContain('answers_missing')
  })
})
