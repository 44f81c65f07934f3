import type { Usage } from '@nitroagi/shared/runs'

const whole = new Intl.NumberFormat('en')

export function duration(milliseconds: number): string {
  if (milliseconds < 1) return 'under 1 ms'
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`
}

export function tokens({ inputTokens, outputTokens, estimated }: Usage): string {
  if (inputTokens === null && outputTokens === null) return 'unknown'
  const count = (value: number | null) => (value === null ? 'unknown' : whole.format(value))
  return `${estimated ? 'about ' : ''}${count(inputTokens)} in, ${count(outputTokens)} out`
}

export function cost({ costUsd }: Usage): string {
  if (costUsd === null) return 'unknown'
  if (costUsd === 0) return 'none'
  return costUsd < 0.01 ? `$${costUsd.toFixed(5)}` : `$${costUsd.toFixed(2)}`
}

export const percent = (value: number): string => `${Math.round(value * 100)} %`

export const confidence = (value: number | null, basis: string | null): string =>
  value === null ? 'not measured' : `${percent(value)}${basis ? ` (${basis})` : ''}`
