/** One line of the table: a figure that was measured in this run, beside the one that is aimed at. */
export interface Figure {
  what: string
  aim: Aim | null
  /** `null`: not measured, and `remark` says why. */
  measured: number | null
  unit: string
  remark?: string
}

interface Aim {
  text: string
  holds(measured: number): boolean
}

export interface Row {
  name: string
  title: string
  /** How it is measured, in a line. */
  method: string
  /** Takes so long that it runs only when it is asked for. */
  isSlow?: boolean
  run(bench: Bench): Promise<Figure[]>
}

export interface Bench {
  /** A few samples only: shows that a row works, not what it measures. */
  isQuick: boolean
  /** A PostgreSQL with pgvector in which databases may be made. */
  postgres: string | undefined
  /** Where the backend shall leave its CPU profiles. */
  profileDir: string | undefined
  /** Says what is going on; the table goes elsewhere. */
  say(text: string): void
}

export const atMost = (limit: number, unit: string): Aim => ({
  text: `≤ ${limit} ${unit}`.trim(),
  holds: (measured) => measured <= limit,
})

export const atLeast = (limit: number, unit: string): Aim => ({
  text: `≥ ${limit} ${unit}`.trim(),
  holds: (measured) => measured >= limit,
})

export const notMeasured = (what: string, aim: Aim | null, remark: string): Figure => ({
  what,
  aim,
  measured: null,
  unit: '',
  remark,
})

/** The sample below which the given share of all samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)
