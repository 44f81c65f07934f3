import type { MetricsWindow, ModuleMetrics, ModuleMetricsQuery } from '@nitroagi/shared/module-metrics'
import type { Call } from '../call.ts'
import type { MetricsRepository } from '../ports/database/metrics-port.ts'

export type ModuleMetricsService = ReturnType<typeof createModuleMetrics>

const hourSeconds = 60 * 60
const daySeconds = 24 * hourSeconds
const windows = {
  '24h': { seconds: daySeconds, bucket: 'hour', bucketSeconds: hourSeconds },
  '7d': { seconds: 7 * daySeconds, bucket: 'day', bucketSeconds: daySeconds },
  '30d': { seconds: 30 * daySeconds, bucket: 'day', bucketSeconds: daySeconds },
} as const satisfies Record<MetricsWindow, unknown>

/** What the modules did in a stretch of time, for those who look after the workspace. */
export function createModuleMetrics({
  repository,
  now = Date.now,
}: {
  repository: MetricsRepository
  now?: () => number
}) {
  return {
    async read(call: Call, { window, module }: ModuleMetricsQuery): Promise<ModuleMetrics> {
      const { seconds, bucket, bucketSeconds } = windows[window]
      const beginning = (milliseconds: number) => milliseconds - (milliseconds % (bucketSeconds * 1000))
      // Whole buckets, so that the table and the charts count the same steps and no point is cut short at its left.
      const from = new Date(beginning(now() - seconds * 1000))
      const to = new Date(beginning(now()) + bucketSeconds * 1000)
      const span = { from, to, bucketSeconds, module }
      const [rows, series] = await Promise.all([repository.rows(call, span), repository.series(call, span)])
      return { window, from: from.toISOString(), bucket, rows, series }
    },
  }
}
