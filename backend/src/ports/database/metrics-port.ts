import type { ModuleMetricsPoint, ModuleMetricsRow } from '@nitroagi/shared/module-metrics'
import type { Call } from '../../call.ts'

export interface MetricsSpan {
  from: Date
  /** Not included. */
  to: Date
  bucketSeconds: number
  /** Absent: every module. */
  module?: string | undefined
}

/** What the steps of the caller's workspace took and gave; nothing of any other workspace. */
export interface MetricsRepository {
  /** By module, model and strategy, the most used first. */
  rows(call: Call, span: MetricsSpan): Promise<ModuleMetricsRow[]>
  /** One point a bucket, also for those in which nothing happened; oldest first. */
  series(call: Call, span: MetricsSpan): Promise<ModuleMetricsPoint[]>
}
