import type { Arm, ArmFigures, LearningReport, ScoreWeights } from '@nitroagi/shared/learning'
import type { LoggedChoice, RatedAnswer } from '../ports/database/learning-port.ts'
import { partNames, startingWeights, type ScoreParts } from './selection.ts'
import { chancesOf, expectedOf, isSameArm, type ArmCounts, type Chance, type Policy } from './selection-arms.ts'

/** A thumb down with a reason or a correction was thought about, so it counts more than a click. */
const explainedWeight = 1.5
/** The starting weights count as much as so many rated answers in which a part went all the way from 0 to 1. */
const priorStrength = 20
/** Fewer answers, or fewer after weighting, tell nothing about a policy that was not in effect. */
const estimatedFrom = 30
const effectiveFrom = 10
const armsReported = 100

interface Seen {
  rated: readonly RatedAnswer[]
  choices: readonly LoggedChoice[]
  /** In effect until now. */
  before: Policy
  from: Date
  to: Date
}

export interface Learned {
  weights: ScoreWeights
  arms: ArmCounts[]
  report: LearningReport
}

/** Learns from everything that was rated, each time anew: with nothing rated it gives the starting weights and no arms. */
export function learnFrom({ rated, choices, before, from, to }: Seen): Learned {
  const weights = learnWeights(rated)
  const arms = countArms(rated)
  // Any version other than null: the policy counts as learned as soon as there is something in it.
  const after: Policy = { version: (before.version ?? 0) + 1, weights, arms }
  const chances = rememberingChances(after)
  const figures = arms
    .map((arm): ArmFigures => ({
      kind: arm.kind,
      module: arm.module,
      model: arm.model,
      strategy: arm.strategy,
      rated: arm.rated,
      up: arm.up,
      expected: rounded(expectedOf(after, arm.kind, arm)),
    }))
    .sort((one, other) => other.rated - one.rated || other.expected - one.expected)
  return {
    weights,
    arms,
    report: {
      from: from.toISOString(),
      to: to.toISOString(),
      ratedAnswers: rated.length,
      up: rated.filter(({ isUp }) => isUp).length,
      arms: figures.slice(0, armsReported),
      weights: { before: before.weights, after: weights },
      choices: countChanged(choices, chances),
      estimate: estimate(rated, chances),
    },
  }
}

type ChancesOf = (kind: string, arms: readonly Arm[]) => Chance[]

/** Thousands of answers had the same few choices. */
function rememberingChances(policy: Policy): ChancesOf {
  const known = new Map<string, Chance[]>()
  return (kind, arms) => {
    const eligible = arms.map(({ module, model, strategy }) => ({ module, model, strategy }))
    const key = JSON.stringify([kind, eligible])
    const found = known.get(key) ?? chancesOf(policy, kind, eligible)
    known.set(key, found)
    return found
  }
}

function countArms(rated: readonly RatedAnswer[]): ArmCounts[] {
  const arms = new Map<string, ArmCounts>()
  for (const { kind, module, model, strategy, isUp, isExplained } of rated) {
    const key = JSON.stringify([kind, module, model, strategy])
    const arm = arms.get(key) ?? { kind, module, model, strategy, up: 0, down: 0, rated: 0 }
    if (isUp) arm.up++
    else arm.down += isExplained ? explainedWeight : 1
    arm.rated++
    arms.set(key, arm)
  }
  return [...arms.values()]
}

/**
 * Ridge regression (Hoerl and Kennard, Technometrics 12, 1970) of the thumb on the measured parts, drawn towards the
 * starting weights instead of zero. Both sides are centred: a part that never varies says nothing and keeps its weight.
 * Weights are not negative and sum to 1, so that scores stay comparable.
 */
export function learnWeights(rated: readonly Pick<RatedAnswer, 'parts' | 'isUp'>[]): ScoreWeights {
  const rows = rated.flatMap(({ parts, isUp }) => (parts ? [{ parts, reward: isUp ? 1 : 0 }] : []))
  const meanReward = mean(rows.map(({ reward }) => reward)) ?? 0
  const means = partNames.map((part) => mean(rows.flatMap(({ parts }) => parts[part] ?? [])) ?? 0)
  const centred = ({ parts }: { parts: ScoreParts }) =>
    // What was not measured in an answer is taken to be as usual.
    partNames.map((part, index) => (parts[part] ?? means[index]!) - means[index]!)
  const start = partNames.map((part) => startingWeights[part])
  const matrix = start.map((_, row) => start.map((_, column) => (row === column ? priorStrength : 0)))
  const right = start.map((weight) => weight * priorStrength)
  for (const row of rows) {
    const x = centred(row)
    const residual = row.reward - meanReward
    for (let i = 0; i < x.length; i++) {
      right[i]! += x[i]! * residual
      for (let j = 0; j < x.length; j++) matrix[i]![j]! += x[i]! * x[j]!
    }
  }
  const learned = solve(matrix, right).map((weight) => Math.max(0, weight))
  const sum = learned.reduce((one, other) => one + other, 0)
  const isUnchanged = sum === 0 || learned.every((weight, index) => Math.abs(weight - start[index]!) < 1e-9)
  if (isUnchanged) return startingWeights
  const [capability, success, capacity, health] = learned.map((weight) => weight / sum) as [
    number,
    number,
    number,
    number,
  ]
  return { capability, success, capacity, health }
}

/** By elimination; the matrix is positive definite, so no pivot is zero. */
function solve(matrix: number[][], right: number[]): number[] {
  const a = matrix.map((row, index) => [...row, right[index]!])
  for (let pivot = 0; pivot < a.length; pivot++) {
    for (let row = pivot + 1; row < a.length; row++) {
      const factor = a[row]![pivot]! / a[pivot]![pivot]!
      for (let column = pivot; column <= a.length; column++) a[row]![column]! -= factor * a[pivot]![column]!
    }
  }
  const solution = a.map(() => 0)
  for (let row = a.length - 1; row >= 0; row--) {
    const known = solution.reduce((sum, value, column) => (column > row ? sum + value * a[row]![column]! : sum), 0)
    solution[row] = (a[row]![a.length]! - known) / a[row]![row]!
  }
  return solution
}

/** Answers that were made in another way than the one that is likeliest now. */
function countChanged(choices: readonly LoggedChoice[], chancesFor: ChancesOf): LearningReport['choices'] {
  const open = choices.flatMap((logged) => (logged.choice?.arms ? [{ ...logged, arms: logged.choice.arms }] : []))
  const changed = open.filter((logged) => {
    const chances = chancesFor(logged.kind, logged.arms)
    const likeliest = chances.reduce((one, other) => (other.probability > one.probability ? other : one))
    return !isSameArm(likeliest, logged)
  })
  return { logged: open.length, changed: changed.length }
}

/**
 * What the new policy would have been worth, from answers that the old one chose: self-normalised inverse propensity
 * weighting (Swaminathan and Joachims, NIPS 2015) over the rated answers for which there was a choice.
 */
function estimate(rated: readonly RatedAnswer[], chancesFor: ChancesOf): LearningReport['estimate'] {
  const terms = rated.flatMap((answer) => {
    const arms = answer.choice?.arms ?? []
    const logged = arms.find((arm) => isSameArm(arm, answer))
    // A stand-in answered: it was not one of those that could be chosen.
    if (!logged || logged.probability === 0) return []
    const now = chancesFor(answer.kind, arms).find((chance) => isExactly(chance, logged))
    return [{ weight: (now?.probability ?? 0) / logged.probability, reward: answer.isUp ? 1 : 0 }]
  })
  const sum = terms.reduce((total, { weight }) => total + weight, 0)
  const squares = terms.reduce((total, { weight }) => total + weight * weight, 0)
  const effective = squares === 0 ? 0 : (sum * sum) / squares
  const isEnough = terms.length >= estimatedFrom && effective >= effectiveFrom
  const after = terms.reduce((total, { weight, reward }) => total + weight * reward, 0) / sum
  const before = mean(terms.map(({ reward }) => reward))
  const worth = `worth ${Math.round(effective)} after weighting`
  return {
    answers: terms.length,
    before: before === null ? null : rounded(before),
    after: isEnough ? rounded(after) : null,
    basis: isEnough
      ? `Self-normalised inverse propensity weighting over ${terms.length} rated answers with a choice, ${worth}`
      : `Not enough to tell: ${terms.length} of ${estimatedFrom} rated answers with a choice, ${worth} (${effectiveFrom} are needed)`,
  }
}

const isExactly = (one: Arm, other: Arm): boolean =>
  one.module === other.module && one.model === other.model && one.strategy === other.strategy

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const rounded = (value: number): number => Math.round(value * 1000) / 1000
