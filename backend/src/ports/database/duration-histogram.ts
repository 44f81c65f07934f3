/**
 * Durations are counted in buckets whose bounds grow by this factor (the log-spaced sketch of Masson, Rim and Lee,
 * "DDSketch", VLDB 2019). Whatever is read back from a bucket's middle is at most (growth - 1) / (growth + 1) away from
 * what was put in: 2 %. Below the least it is the least.
 */
const growth = 1.04
const leastMs = 0.01

export const histogramError = (growth - 1) / (growth + 1)

export const bucketOf = (milliseconds: string) =>
  `ceil(ln(greatest(${milliseconds}, ${leastMs})::float8) / ln(${growth}::float8))::smallint`

export const middleOf = (bucket: string) => `(2 * power(${growth}::float8, ${bucket}) / (${growth}::float8 + 1))`
