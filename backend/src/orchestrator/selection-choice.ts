import type { Arm } from '@nitroagi/shared/learning'
import type { PlanData } from '@nitroagi/shared/runs'
import type { LanguageModels, NamedModel } from '../ports/language-model/port.ts'
import type { Kind } from './selection-kinds.ts'
import {
  chancesOf,
  drawArm,
  expectedOf,
  meanOf,
  ratedAnswersNeeded,
  ratedIn,
  type Chance,
  type Policy,
} from './selection-arms.ts'
import type { PlanStep } from './plan.ts'
import type { AnswerRequest } from './port.ts'
import type { Selector } from './registry.ts'
import { chooseStrategy, type Way } from './strategies.ts'

interface Question {
  request: AnswerRequest
  steps: readonly PlanStep[]
  kind: Kind
  selector: Selector
  models: LanguageModels
  /** Whether a language model answers. */
  canWrite: boolean
  /** What the choice can be repeated with. */
  seed: string
}

interface Chosen {
  strategy: Way
  reason: string
  /** With the model that was chosen. */
  request: AnswerRequest
  /** Absent where there was no choice. */
  choice?: PlanData['choice']
}

/** More ways than this at once would be learned about too slowly. */
const armsAtMost = 8

/**
 * How an answer is made, where that is left to us. The rules say what fits and what comes first; what was learned from
 * thumbs may prefer another of those that fit and cost no more.
 */
export function chooseArm({ request, steps, kind, selector, models, canWrite, seed }: Question): Chosen {
  const rule = chooseStrategy(request, steps, canWrite)
  const answer = steps.at(-1)!
  const eligible = [
    ...modulesFor(selector, answer).flatMap((module) =>
      modelsFor(request, rule.strategy, models, canWrite).flatMap((model) =>
        strategiesFor(rule, steps, canWrite).map((strategy) => ({ module, model, strategy })),
      ),
    ),
  ].slice(0, armsAtMost)
  const first = eligible[0]
  if (!first) return { strategy: rule.strategy, reason: rule.reason, request }

  const { policy } = selector
  const chances = remembered(policy, selector.workspaceId, kind, eligible)
  const arm = drawArm(chances, seed)
  const learned = policy.version === null ? 0 : expectedOf(policy, kind, arm) - meanOf(policy)
  selector.prefer(answer.capability, arm.module, learned)
  if (eligible.length === 1) return { strategy: rule.strategy, reason: rule.reason, request }

  const why = reasonFor(arm, chances, policy, kind)
  return {
    strategy: arm.strategy as Way,
    reason: arm.strategy === rule.strategy ? rule.reason : why,
    request: arm.model === first.model ? request : { ...request, model: `nitro-auto/${arm.model}` },
    choice: {
      model: arm.model,
      reason: why,
      version: policy.version,
      arms: chances.map((chance) => ({ ...chance, probability: Math.round(chance.probability * 10_000) / 10_000 })),
    },
  }
}

/** Those that can answer and are up, the best by score first; none that costs more than that one. */
function modulesFor({ ranked }: Selector, { capability }: PlanStep): string[] {
  const able = ranked(capability)
  const first = able[0]
  if (!first) return []
  const others = able.slice(1).filter((one) => !one.isDown && rank(one.cost) <= rank(first.cost))
  return [first, ...others].map(({ name }) => name)
}

const rank = (cost: string): number => ['free', 'cheap', 'expensive'].indexOf(cost)

/** The usual model first, then those that may answer in its place and are known to cost no more. */
function modelsFor(request: AnswerRequest, strategy: Way, models: LanguageModels, canWrite: boolean) {
  const usual = named(models, request.model ?? 'nitro-auto')
  const isFree = request.model === undefined || request.model === 'nitro-auto'
  // Consensus asks several models of its own accord.
  const others = isFree && canWrite && strategy !== 'consensus' ? (models.alternatives?.() ?? []) : []
  return [
    usual?.info.id ?? null,
    ...others.filter((name) => costsNoMore(named(models, name)?.price, usual?.price) && name !== usual?.info.id),
  ]
}

const costsNoMore = (price: NamedModel['price'] | undefined, usual: NamedModel['price'] | undefined): boolean =>
  Boolean(price && usual && price.inputUsd <= usual.inputUsd && price.outputUsd <= usual.outputUsd)

function named(models: LanguageModels, name: string): NamedModel | undefined {
  try {
    return models.get(name)
  } catch {
    // A model that does not exist is the answering step's to refuse, in its own words.
    return undefined
  }
}

/** Of those that ask a model once, like the rules' choice; a clear sign leaves no choice. */
function strategiesFor(rule: ReturnType<typeof chooseStrategy>, steps: readonly PlanStep[], canWrite: boolean): Way[] {
  if (rule.isClear) return [rule.strategy]
  const isFromDocuments = steps.some(({ capability }) => capability === 'search')
  const mayBranch = canWrite && isFromDocuments && steps.at(-1)?.capability === 'answer'
  return [
    rule.strategy,
    ...(rule.strategy === 'parallel' ? (['sequential'] as const) : []),
    ...(mayBranch ? (['conditional'] as const) : []),
  ]
}

function reasonFor(arm: Chance, chances: readonly Chance[], policy: Policy, kind: string): string {
  const rated = ratedIn(policy)
  const isRule = chances.indexOf(arm) === 0
  if (policy.version === null) return 'The rules’ choice; nothing was learned from thumbs up and down'
  if (rated < ratedAnswersNeeded)
    return `The rules’ choice; ${rated} of the ${ratedAnswersNeeded} rated answers that learning needs`
  const share = (one: Arm) => `${Math.round(expectedOf(policy, kind, one) * 100)} %`
  const likeliest = chances.reduce((one, other) => (other.probability > one.probability ? other : one))
  const expected = `${share(arm)} thumbs up are to be expected of ${wordsOf(arm)} for such a question (${kind})`
  if (arm === likeliest)
    return isRule
      ? `The rules’ choice; ${expected}`
      : `Learned: ${expected}, ${share(chances[0]!)} of the rules’ choice`
  return `Tried, to learn (version ${policy.version}): ${expected}; in ${Math.round(arm.probability * 100)} of 100 answers`
}

const wordsOf = ({ module, model, strategy }: Arm): string => `${module}, ${model ?? 'no model'}, ${strategy}`

/** They change with the version only, and computing them takes longer than a choice may. */
const known = new Map<string, Chance[]>()
const knownAtMost = 5_000

function remembered(policy: Policy, workspaceId: string, kind: string, eligible: readonly Arm[]): Chance[] {
  if (policy.version === null) return chancesOf(policy, kind, eligible)
  const key = JSON.stringify([workspaceId, policy.version, kind, eligible])
  const found = known.get(key)
  if (found) return found
  if (known.size >= knownAtMost) known.delete(known.keys().next().value!)
  const chances = chancesOf(policy, kind, eligible)
  known.set(key, chances)
  return chances
}
