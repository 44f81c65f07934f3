import type { ScoreWeights } from '@nitroagi/shared/learning'
import type { SelectionData } from '@nitroagi/shared/runs'

export type ScoreParts = SelectionData['parts']
type Part = keyof ScoreWeights

/** Where nothing was learned; DESIGN's own. */
export const startingWeights: ScoreWeights = { capability: 0.3, success: 0.3, capacity: 0.2, health: 0.2 }

export const partNames: readonly Part[] = ['capability', 'success', 'capacity', 'health']

/** The weights of the parts that were measured; what was not measured leaves its weight to them. */
export function weightsFor(parts: ScoreParts, weights: ScoreWeights): ScoreWeights {
  const measured = partNames.reduce((sum, part) => sum + (parts[part] === null ? 0 : weights[part]), 0)
  const share = (part: Part) => (parts[part] === null || measured === 0 ? 0 : weights[part] / measured)
  return {
    capability: share('capability'),
    success: share('success'),
    capacity: share('capacity'),
    health: share('health'),
  }
}

/** 0..1; with nothing measured, 0. */
export function scoreOf(parts: ScoreParts, weights: ScoreWeights): number {
  const effective = weightsFor(parts, weights)
  return partNames.reduce((sum, part) => sum + effective[part] * (parts[part] ?? 0), 0)
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000
const roundedOrNull = (value: number | null) => (value === null ? null : rounded(value))

export interface Scored {
  name: string
  parts: ScoreParts
  measuredSteps: number
  score: number
  /** What thumbs have taught about it for such a question. */
  learned: number
}

/** The account of a choice for the trace, each figure to three digits. */
export function selectionOf(chosen: Scored, others: readonly Scored[], weights: ScoreWeights): SelectionData {
  const { parts } = chosen
  const effective = weightsFor(parts, weights)
  return {
    score: rounded(chosen.score),
    parts: {
      capability: roundedOrNull(parts.capability),
      success: roundedOrNull(parts.success),
      capacity: roundedOrNull(parts.capacity),
      health: roundedOrNull(parts.health),
    },
    weights: {
      capability: rounded(effective.capability),
      success: rounded(effective.success),
      capacity: rounded(effective.capacity),
      health: rounded(effective.health),
    },
    learned: rounded(chosen.learned),
    measuredSteps: chosen.measuredSteps,
    others: others.map(({ name, score }) => ({ name, score: rounded(score) })),
  }
}

/** "Score 0.97 = 0.3 × 1.00 capability + …; next: language 0.81". */
export function sentenceOf({ score, parts, weights, others }: SelectionData): string {
  const terms = partNames.flatMap((part) =>
    parts[part] === null ? [] : [`${Number(weights[part].toFixed(2))} × ${parts[part].toFixed(2)} ${part}`],
  )
  const unmeasured = partNames.filter((part) => parts[part] === null)
  const missing = unmeasured.length === 0 ? '' : ` (not measured: ${unmeasured.join(', ')})`
  const next = others[0] ? `; next: ${others[0].name} ${others[0].score.toFixed(2)}` : ''
  return `Score ${score.toFixed(2)} = ${terms.join(' + ')}${missing}${next}`
}
