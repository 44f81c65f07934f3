import { createHash } from 'node:crypto'
import type { Arm, ScoreWeights } from '@nitroagi/shared/learning'
import { startingWeights } from './selection.ts'

/** Thumbs that one way to answer one kind of question was given, each as heavy as it is taken. */
export interface ArmCounts extends Arm {
  kind: string
  up: number
  down: number
  /** Answers, whatever their weight. */
  rated: number
}

/** What one workspace has learned; a version of null is that nothing was, so the rules decide. */
export interface Policy {
  version: number | null
  weights: ScoreWeights
  arms: readonly ArmCounts[]
}

export const startingPolicy: Policy = { version: null, weights: startingWeights, arms: [] }

/** Fewer rated answers in a workspace tell nothing. */
export const ratedAnswersNeeded = 10
/** Other ways than the likeliest are tried in so many of a hundred answers at most. */
const exploredShare = 0.2
/** The rules' choice is left only when another is better with this probability. */
const sureFrom = 0.8
/** What is known of an arm elsewhere counts as much as so many rated answers here. */
const priorAnswers = 4
const draws = 400

export interface Chance extends Arm {
  probability: number
}

/**
 * Thompson sampling on Beta posteriors (Thompson, Biometrika 25, 1933; Chapelle and Li, NIPS 2011) for a contextual
 * bandit whose contexts are kinds of request. An arm's posterior in one kind begins at what the arm is worth in the
 * other kinds, and that at the workspace's mean: partial pooling, so that few thumbs do not overturn much. It plays
 * conservatively (Wu et al., ICML 2016, in spirit): the rules' choice stays the default until another is better with a
 * probability of 0.8, and everything that is not the default shares a fifth of the answers at most. Without enough
 * feedback the rules' choice has all of the probability.
 *
 * The probabilities are computed first and then drawn from, so that they can be logged and learned from afterwards.
 * `eligible` begins with the rules' choice.
 */
export function chancesOf(policy: Policy, kind: string, eligible: readonly Arm[]): Chance[] {
  const isRule = (index: number) => (index === 0 ? 1 : 0)
  if (eligible.length < 2 || ratedIn(policy) < ratedAnswersNeeded) {
    return eligible.map((arm, index) => ({ ...arm, probability: isRule(index) }))
  }
  const random = createRandom(`${policy.version} ${kind}`)
  const posteriors = eligible.map((arm) => posteriorOf(policy, kind, arm))
  const best = eligible.map(() => 0)
  const betterThanRule = eligible.map(() => 0)
  for (let draw = 0; draw < draws; draw++) {
    const values = posteriors.map(({ up, down }) => drawBeta(up, down, random))
    best[values.indexOf(Math.max(...values))]!++
    values.forEach((value, index) => void (value > values[0]! && betterThanRule[index]!++))
  }
  const sure = betterThanRule.map((count) => count / draws)
  const challenger = sure.indexOf(Math.max(...sure))
  const first = sure[challenger]! >= sureFrom ? challenger : 0
  const others = best.reduce((sum, count, index) => sum + (index === first ? 0 : count / draws), 0)
  const scale = others > exploredShare ? exploredShare / others : 1
  const tried = best.map((count, index) => (index === first ? 0 : (count / draws) * scale))
  const rest = tried.reduce((sum, probability) => sum + probability, 0)
  return eligible.map((arm, index) => ({ ...arm, probability: index === first ? 1 - rest : tried[index]! }))
}

/** Draws one of them; the same seed draws the same. */
export function drawArm(chances: readonly Chance[], seed: string): Chance {
  let left = createRandom(seed)()
  for (const chance of chances) {
    left -= chance.probability
    if (left < 0) return chance
  }
  return chances.findLast(({ probability }) => probability > 0) ?? chances[0]!
}

/** The share of thumbs up that is to be expected of an arm for such a question. */
export function expectedOf(policy: Policy, kind: string, arm: Arm): number {
  const { up, down } = posteriorOf(policy, kind, arm)
  return up / (up + down)
}

export function meanOf({ arms }: Policy): number {
  const { up, down } = sumOf(arms)
  return (up + 1) / (up + down + 2)
}

export const ratedIn = ({ arms }: Policy): number => arms.reduce((sum, { rated }) => sum + rated, 0)

/** A module that names no model was the same arm, whichever model would have been asked. */
export const isSameArm = (one: Arm, other: Arm): boolean =>
  one.module === other.module &&
  one.strategy === other.strategy &&
  (one.model === other.model || one.model === null || other.model === null)

function posteriorOf(policy: Policy, kind: string, arm: Arm): { up: number; down: number } {
  const own = policy.arms.filter((counts) => isSameArm(counts, arm))
  const here = sumOf(own.filter((counts) => counts.kind === kind))
  const elsewhere = sumOf(own.filter((counts) => counts.kind !== kind))
  const prior = (elsewhere.up + priorAnswers * meanOf(policy)) / (elsewhere.up + elsewhere.down + priorAnswers)
  return { up: here.up + priorAnswers * prior, down: here.down + priorAnswers * (1 - prior) }
}

const sumOf = (arms: readonly ArmCounts[]) =>
  arms.reduce((sum, { up, down }) => ({ up: sum.up + up, down: sum.down + down }), { up: 0, down: 0 })

/** Numbers in 0..1 that look random and are the same for the same seed (mulberry32). */
export function createRandom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function drawBeta(up: number, down: number, random: () => number): number {
  const one = drawGamma(up, random)
  const sum = one + drawGamma(down, random)
  return sum === 0 ? 0.5 : one / sum
}

/** Marsaglia and Tsang, ACM TOMS 26, 2000. */
function drawGamma(shape: number, random: () => number): number {
  if (shape < 1) return drawGamma(shape + 1, random) * Math.max(random(), Number.MIN_VALUE) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
