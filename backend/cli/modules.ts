import { ModuleMetrics, type MetricsWindow, type ModuleMetricsRow } from '@nitroagi/shared/module-metrics'
import type { Client } from './client.ts'
import { table, type Output } from './output.ts'

export async function showModuleMetrics(client: Client, output: Output, window: MetricsWindow): Promise<void> {
  const metrics = await client.request(`/api/v1/modules/metrics?window=${window}`, ModuleMetrics)
  output.result(metrics, () =>
    metrics.rows.length === 0
      ? `No module did anything since ${metrics.from}. Ask something first: npm run -s nitro -- ask "…"`
      : table(
          ['MODULE', 'MODEL', 'STRATEGY', 'RUNS', 'SUCCESS', 'P50', 'P95', 'TOKENS IN', 'TOKENS OUT', 'COST'],
          metrics.rows.map((row) => [
            row.module,
            row.model ?? '-',
            row.strategy,
            String(row.runs),
            row.successRate === null ? 'unknown' : `${(row.successRate * 100).toFixed(1)} %`,
            milliseconds(row.p50DurationMs),
            milliseconds(row.p95DurationMs),
            tokens(row, row.inputTokens),
            tokens(row, row.outputTokens),
            cost(row),
          ]),
        ),
  )
}

const milliseconds = (value: number | null) => (value === null ? 'unknown' : `${value.toFixed(value < 10 ? 1 : 0)} ms`)

function tokens({ model, tokensEstimated, stepsWithoutTokens }: ModuleMetricsRow, count: number | null): string {
  if (count === null) return model === null ? '-' : 'unknown'
  return `${tokensEstimated ? 'about ' : ''}${stepsWithoutTokens > 0 ? 'at least ' : ''}${count}`
}

function cost({ model, costUsd, stepsWithoutCost }: ModuleMetricsRow): string {
  if (costUsd === null) return model === null ? '-' : 'unknown'
  return `${stepsWithoutCost > 0 ? 'at least ' : ''}$${costUsd === 0 ? '0' : costUsd.toFixed(costUsd < 0.01 ? 5 : 2)}`
}
