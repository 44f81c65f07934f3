export interface Fit {
  bias: number
  weights: number[]
}

/** Logistic regression by Newton's method, with a light ridge so that signs that never vary do no harm. */
export function fitLogistic(rows: readonly (readonly number[])[], labels: readonly boolean[], ridge = 1): Fit {
  const size = (rows[0]?.length ?? 0) + 1
  let beta = new Array<number>(size).fill(0)
  for (let round = 0; round < 30; round++) {
    const gradient = beta.map((value, at) => (at === 0 ? 0 : -ridge * value))
    const curvature = beta.map((_, at) => beta.map((__, other) => (at === other ? (at === 0 ? 1e-6 : ridge) : 0)))
    for (const [index, row] of rows.entries()) {
      const x = [1, ...row]
      const chance = sigmoid(x.reduce((sum, value, at) => sum + value * beta[at]!, 0))
      const rest = (labels[index] ? 1 : 0) - chance
      const spread = chance * (1 - chance)
      for (let at = 0; at < size; at++) {
        gradient[at]! += rest * x[at]!
        for (let other = 0; other <= at; other++) curvature[at]![other]! += spread * x[at]! * x[other]!
      }
    }
    for (let at = 0; at < size; at++)
      for (let other = at + 1; other < size; other++) curvature[at]![other] = curvature[other]![at]!
    const step = solve(curvature, gradient)
    beta = beta.map((value, at) => value + step[at]!)
    if (Math.max(...step.map(Math.abs)) < 1e-6) break
  }
  return { bias: beta[0]!, weights: beta.slice(1) }
}

export const predict = ({ bias, weights }: Fit, row: readonly number[]): number =>
  sigmoid(row.reduce((sum, value, at) => sum + value * weights[at]!, bias))

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit))

/** Gauss with pivots; the matrix is small. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!])
  const size = rows.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row
    }
    ;[rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!]
    for (let row = 0; row < size; row++) {
      if (row === column) continue
      const factor = rows[row]![column]! / rows[column]![column]!
      for (let at = column; at <= size; at++) rows[row]![at]! -= factor * rows[column]![at]!
    }
  }
  return rows.map((row, at) => row[size]! / row[at]!)
}

/** How often a true one is ranked above a false one. */
export function areaUnderCurve(scored: readonly { value: number; label: boolean }[]): number {
  const sorted = scored.toSorted((one, other) => one.value - other.value)
  let rankSum = 0
  for (let at = 0; at < sorted.length;) {
    let end = at
    while (end < sorted.length && sorted[end]!.value === sorted[at]!.value) end++
    const rank = (at + 1 + end) / 2
    for (; at < end; at++) if (sorted[at]!.label) rankSum += rank
  }
  const positives = scored.filter(({ label }) => label).length
  const negatives = scored.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/** Expected calibration error over ten bins of equal width, and the Brier score. */
export function calibrationOf(scored: readonly { value: number; label: boolean }[]) {
  const bins = Array.from({ length: 10 }, () => ({ count: 0, said: 0, was: 0 }))
  for (const { value, label } of scored) {
    const bin = bins[Math.min(9, Math.floor(value * 10))]!
    bin.count++
    bin.said += value
    bin.was += label ? 1 : 0
  }
  const total = Math.max(1, scored.length)
  const ece = bins.reduce((sum, { count, said, was }) => sum + (count === 0 ? 0 : Math.abs(said - was) / total), 0)
  const brier = scored.reduce((sum, { value, label }) => sum + (value - (label ? 1 : 0)) ** 2, 0) / total
  return { ece, brier, bins }
}
