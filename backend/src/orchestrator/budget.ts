import { NitroError } from '@nitroagi/shared/errors'
import type { Usage } from '@nitroagi/shared/runs'
import type { Reservation } from '../modules/module.ts'
import type { NamedModel } from '../ports/language-model/port.ts'

/** What one answer may take, all of its steps together. */
export interface BudgetLimits {
  steps: number
  tokens: number
  usd: number
  seconds: number
}

export type Budget = ReturnType<typeof createBudget>

/** What a model may say in one call; reserved before it, because nobody knows it then. */
export const outputTokensReserved = 4_096

/** Reserved before each call and settled after it, so steps that run at the same time cannot overdraw it together. */
export function createBudget(limits: BudgetLimits) {
  const startedAt = performance.now()
  const used = { steps: 0, tokens: 0, usd: 0 }
  const usages: Usage[] = []
  const secondsLeft = () => limits.seconds - (performance.now() - startedAt) / 1000

  const refuse = (what: keyof BudgetLimits, needed: string) =>
    new NitroError('budget_exceeded', `This answer would need ${needed} and may use ${said(what, limits[what])}.`, {
      details: { budget: what, limit: limits[what] },
    })

  return {
    secondsLeft,
    /** Takes a step of the budget. Throws `budget_exceeded`, before anything was asked of anybody. */
    takeStep() {
      if (used.steps + 1 > limits.steps) throw refuse('steps', said('steps', used.steps + 1))
      if (secondsLeft() <= 0) throw refuse('seconds', 'more time')
      used.steps++
    },
    /** For a call of a language model with so many characters; one without a known price reserves no money. */
    reserve(named: NamedModel, promptCharacters: number): Reservation {
      const input = Math.ceil(promptCharacters / 4)
      const tokens = input + outputTokensReserved
      const { price } = named
      const usd = price ? (input * price.inputUsd + outputTokensReserved * price.outputUsd) / 1_000_000 : 0
      if (used.tokens + tokens > limits.tokens) throw refuse('tokens', `about ${said('tokens', used.tokens + tokens)}`)
      if (used.usd + usd > limits.usd) throw refuse('usd', `about ${said('usd', used.usd + usd)}`)
      used.tokens += tokens
      used.usd += usd
      return {
        settle(usage) {
          used.tokens -= tokens - (usage?.inputTokens ?? 0) - (usage?.outputTokens ?? 0)
          used.usd -= usd - (usage?.costUsd ?? 0)
        },
      }
    },
    /** Keeps account of what a call reported. */
    spend: (usage: Usage | null) => void (usage && usages.push(usage)),
    total: (): Usage | null => (usages.length < 2 ? (usages[0] ?? null) : usages.reduce(sum)),
    get used() {
      return used
    },
  }
}

/** What one of them does not know, nobody knows of the sum. */
const sum = (one: Usage, other: Usage): Usage => ({
  inputTokens: add(one.inputTokens, other.inputTokens),
  outputTokens: add(one.outputTokens, other.outputTokens),
  estimated: one.estimated || other.estimated,
  costUsd: add(one.costUsd, other.costUsd),
})

const add = (one: number | null, other: number | null) => (one === null || other === null ? null : one + other)

const said = (what: keyof BudgetLimits, value: number): string =>
  what === 'usd' ? `$${value.toFixed(2)}` : `${Math.round(value).toLocaleString('en')} ${what}`
