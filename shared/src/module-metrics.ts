import { z } from 'zod'

export const MetricsWindow = z.enum(['24h', '7d', '30d'])
export type MetricsWindow = z.infer<typeof MetricsWindow>

export const ModuleMetricsQuery = z.strictObject({
  window: MetricsWindow.default('24h'),
  /** Absent: all of them. */
  module: z.string().min(1).max(100).optional(),
})
export type ModuleMetricsQuery = z.infer<typeof ModuleMetricsQuery>

/** What one module did with one model under one strategy. */
export const ModuleMetricsRow = z.object({
  module: z.string(),
  /** Null where no model was asked. */
  model: z.string().nullable(),
  strategy: z.string(),
  /** Answers that it took part in, and the steps that it did for them. */
  runs: z.number().int(),
  steps: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  /** Completed of completed and failed, 0..1; null when no step ended either way. */
  successRate: z.number().min(0).max(1).nullable(),
  /** Of completed steps; null without any. */
  p50DurationMs: z.number().nullable(),
  p95DurationMs: z.number().nullable(),
  /** Sums of what is known; null when nothing is. */
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
  /** Some of these tokens were estimated, not counted by the provider. */
  tokensEstimated: z.boolean(),
  costUsd: z.number().nullable(),
  /** Steps that asked a model and of which this is not known, so that a sum is a least value. */
  stepsWithoutTokens: z.number().int(),
  stepsWithoutCost: z.number().int(),
})
export type ModuleMetricsRow = z.infer<typeof ModuleMetricsRow>

export const ModuleMetricsPoint = z.object({
  at: z.iso.datetime(),
  runs: z.number().int(),
  /** Those of them with a step that failed. */
  failedRuns: z.number().int(),
  p50DurationMs: z.number().nullable(),
  p95DurationMs: z.number().nullable(),
})
export type ModuleMetricsPoint = z.infer<typeof ModuleMetricsPoint>

export const ModuleMetrics = z.object({
  window: MetricsWindow,
  /** From the beginning of the hour or day (UTC) in which the window begins. */
  from: z.iso.datetime(),
  bucket: z.enum(['hour', 'day']),
  rows: z.array(ModuleMetricsRow),
  /** One for every hour or day, also where nothing happened; oldest first. */
  series: z.array(ModuleMetricsPoint),
})
export type ModuleMetrics = z.infer<typeof ModuleMetrics>
