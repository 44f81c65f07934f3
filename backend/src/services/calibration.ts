/** Ratings that a stretch of them must outweigh before it counts as much as what was measured. */
const priorAnswers = 10

export interface Rated {
  raw: number
  good: number
}

/**
 * What was measured → how often it was found good: isotonic regression by pooling adjacent violators (Ayer et al. 1955;
 * for classifiers Zadrozny and Elkan 2002), each pool shrunk towards what was measured as a beta prior of ten answers
 * would do it, so that a few ratings move little. Between pools it is interpolated; it never falls.
 */
export function createCalibration(rated: readonly Rated[]): (raw: number) => number {
  const pools: { raw: number; good: number; count: number }[] = []
  // Answers of the same figure are one pool: in which order they were rated says nothing.
  const alike = Map.groupBy(rated, ({ raw }) => Math.round(raw * 100))
  for (const [, group] of [...alike].sort(([one], [other]) => one - other)) {
    pools.push({ raw: sum(group, 'raw'), good: sum(group, 'good'), count: group.length })
    while (pools.length > 1 && mean(pools.at(-2)!) >= mean(pools.at(-1)!)) {
      const [last, before] = [pools.pop()!, pools.pop()!]
      pools.push({ raw: before.raw + last.raw, good: before.good + last.good, count: before.count + last.count })
    }
  }
  const points = pools.map(({ raw, good, count }) => {
    const measured = raw / count
    return { x: measured, y: (good + priorAnswers * measured) / (count + priorAnswers) }
  })
  // Shrinking pools of different sizes can put one below its neighbour again.
  for (const [index, point] of points.entries()) point.y = Math.max(point.y, points[index - 1]?.y ?? 0)
  return (raw) => {
    const after = points.findIndex(({ x }) => x >= raw)
    // Beyond what was rated, the nearest pool's correction goes on.
    if (points.length === 0) return raw
    if (after === 0) return shifted(raw, points[0]!)
    if (after === -1) return shifted(raw, points.at(-1)!)
    return between(raw, points[after - 1]!, points[after]!)
  }
}

const sum = (rated: readonly Rated[], field: keyof Rated) => rated.reduce((total, one) => total + one[field], 0)

const mean = ({ good, count }: { good: number; count: number }) => good / count

interface Point {
  x: number
  y: number
}

function between(raw: number, before: Point, after: Point): number {
  const width = after.x - before.x
  return width === 0 ? after.y : before.y + ((raw - before.x) / width) * (after.y - before.y)
}

const shifted = (raw: number, { x, y }: Point): number => Math.min(1, Math.max(0, raw + y - x))
