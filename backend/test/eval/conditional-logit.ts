/** A question's sentences with their signs, and which of them hold an answer. */
export interface Choice {
  rows: readonly (readonly number[])[]
  holds: readonly boolean[]
}

const rounds = 140

/**
 * Logistic regression of a choice: the odds of a sentence against the others of its question, since sentences of two
 * questions never compete. By gradients with a step of their own for each weight (Adam), with a light ridge.
 */
export function fitConditional(choices: readonly Choice[], ridge = 1): number[] {
  const useful = choices.filter(({ holds }) => holds.includes(true) && holds.includes(false))
  const size = useful[0]?.rows[0]?.length ?? 0
  const scales = scalesOf(
    useful.flatMap(({ rows }) => rows),
    size,
  )
  const scaled = useful.map(({ rows, holds }) => ({
    holds,
    rows: rows.map((row) => Float64Array.from(row, (value, at) => value / scales[at]!)),
  }))
  const weights = new Float64Array(size)
  const [mean, spread] = [new Float64Array(size), new Float64Array(size)]
  for (let round = 1; round <= rounds; round++) {
    const gradient = gradientAt(weights, scaled, ridge)
    const pace = round < rounds * 0.7 ? 0.15 : 0.04
    for (let at = 0; at < size; at++) {
      mean[at] = 0.9 * mean[at]! + 0.1 * gradient[at]!
      spread[at] = 0.99 * spread[at]! + 0.01 * gradient[at]! ** 2
      const step = mean[at]! / (1 - 0.9 ** round) / (Math.sqrt(spread[at]! / (1 - 0.99 ** round)) + 1e-8)
      weights[at]! += pace * step
    }
  }
  return Array.from(weights, (weight, at) => weight / scales[at]!)
}

function scalesOf(rows: readonly (readonly number[])[], size: number): number[] {
  return Array.from({ length: size }, (_, at) => {
    const mean = rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length
    return Math.sqrt(rows.reduce((sum, row) => sum + (row[at]! - mean) ** 2, 0) / rows.length) || 1
  })
}

function gradientAt(
  weights: Float64Array,
  choices: readonly { rows: readonly Float64Array[]; holds: readonly boolean[] }[],
  ridge: number,
): Float64Array {
  const gradient = weights.map((weight) => -ridge * weight)
  for (const { rows, holds } of choices) {
    const scores = rows.map((row) => row.reduce((sum, value, at) => sum + value * weights[at]!, 0))
    const best = Math.max(...scores)
    const odds = scores.map((score) => Math.exp(score - best))
    const all = odds.reduce((sum, value) => sum + value, 0)
    const right = odds.reduce((sum, value, at) => sum + (holds[at] ? value : 0), 0)
    rows.forEach((row, index) => {
      const pull = (holds[index] ? odds[index]! / right : 0) - odds[index]! / all
      for (let at = 0; at < row.length; at++) gradient[at]! += pull * row[at]!
    })
  }
  return gradient
}
