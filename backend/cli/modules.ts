import { ModuleMetrics, type MetricsWindow, type ModuleMetricsRow } from '@nitroagi/shared/module-metrics'
import { ModuleState, ModuleStateList, ModuleTestResult } from '@nitroagi/shared/modules'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { table, type Output } from './output.ts'

export async function listModules(client: Client, output: Output): Promise<void> {
  const modules = await client.request('/api/v1/modules', ModuleStateList)
  output.result(modules, () =>
    table(
      ['MODULE', 'USED', 'HEALTH', 'CAN', 'LAST CHANGE'],
      modules.items.map(({ name, isEnabled, health, capabilities, lastChange }) => [
        name,
        isEnabled ? 'on' : 'off',
        [health.status, health.detail].filter((words) => words !== null).join(': '),
        capabilities.join(', '),
        lastChange ? `${lastChange.at.slice(0, 10)} by ${lastChange.by ?? 'somebody who has left'}` : '-',
      ]),
    ),
  )
}

export async function turnModule(client: Client, output: Output, name: string, isEnabled: boolean): Promise<void> {
  const path = `/api/v1/modules/${encodeURIComponent(name)}`
  const module = await client.request(path, ModuleState, { method: 'PATCH', body: { isEnabled } })
  output.result(module, () => `${module.name} is ${module.isEnabled ? 'on' : 'off'} for new answers.`)
}

/** A test that fails fails the command. */
export async function testModule(client: Client, output: Output, name: string): Promise<void> {
  const path = `/api/v1/modules/${encodeURIComponent(name)}/test`
  const result = await client.request(path, ModuleTestResult, { method: 'POST' })
  if (!result.passed) throw new CliError('step_failed', `${result.module} failed its test: ${result.detail}`)
  output.result(
    result,
    () => `${result.module} passed its test in ${milliseconds(result.durationMs)}: ${result.detail}`,
  )
}

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
