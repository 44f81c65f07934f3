import type { ModuleMetricsRow } from '@nitroagi/shared/module-metrics'

const whole = new Intl.NumberFormat('en')
/** For a step that asked no model, so that there is nothing to count. */
const none = '–'

export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return 'unknown'
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${(milliseconds / 60_000).toFixed(1)} min`
}

export const share = (value: number | null) => (value === null ? 'unknown' : `${Number((value * 100).toFixed(1))} %`)

export function tokens(row: ModuleMetricsRow): string {
  const { model, inputTokens, outputTokens, tokensEstimated, stepsWithoutTokens } = row
  if (inputTokens === null && outputTokens === null) return model === null ? none : 'unknown'
  const count = (value: number | null) => (value === null ? 'unknown' : whole.format(value))
  const words = tokensEstimated ? 'about ' : stepsWithoutTokens > 0 ? 'at least ' : ''
  return `${words}${count(inputTokens)} in, ${count(outputTokens)} out`
}

export function cost({ model, costUsd, stepsWithoutCost }: ModuleMetricsRow): string {
  if (costUsd === null) return model === null ? none : 'unknown'
  const words = stepsWithoutCost > 0 ? 'at least ' : ''
  if (costUsd === 0) return words ? 'unknown' : '$0'
  return `${words}$${costUsd.toFixed(costUsd < 0.01 ? 5 : 2)}`
}
