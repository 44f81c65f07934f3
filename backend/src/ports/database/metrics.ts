import type { ModuleMetricsPoint, ModuleMetricsRow } from '@nitroagi/shared/module-metrics'
import type { Connection } from './connection.ts'
import type { MetricsRepository } from './metrics-port.ts'

export function createMetricsRepository({ query }: Connection): MetricsRepository {
  return {
    rows: ({ actor }, { from, to, module }) =>
      query<ModuleMetricsRow>(rowsSql, [actor.workspaceId, from.toISOString(), to.toISOString(), module ?? null]),

    async series({ actor }, { from, to, bucketSeconds, module }) {
      const points = await query<Omit<ModuleMetricsPoint, 'at'> & { at: Date }>(seriesSql, [
        actor.workspaceId,
        from.toISOString(),
        to.toISOString(),
        module ?? null,
        bucketSeconds,
      ])
      return points.map((point) => ({ ...point, at: new Date(point.at).toISOString() }))
    },
  }
}

/** How long a step took that did its work: one that failed says nothing about that. */
const percentile = (share: number) =>
  `percentile_cont(${share}) WITHIN GROUP (ORDER BY m.duration_ms) FILTER (WHERE m.status = 'completed')`

const rowsSql = `
SELECT m.module, m.model, m.strategy,
  count(DISTINCT m.run_id)::int AS runs,
  count(*)::int AS steps,
  count(*) FILTER (WHERE m.status = 'completed')::int AS completed,
  count(*) FILTER (WHERE m.status = 'failed')::int AS failed,
  (count(*) FILTER (WHERE m.status = 'completed'))::float8
    / nullif(count(*) FILTER (WHERE m.status IN ('completed', 'failed')), 0) AS "successRate",
  ${percentile(0.5)} AS "p50DurationMs",
  ${percentile(0.95)} AS "p95DurationMs",
  sum(m.input_tokens)::float8 AS "inputTokens",
  sum(m.output_tokens)::float8 AS "outputTokens",
  bool_or(m.tokens_estimated) AS "tokensEstimated",
  sum(m.cost_usd) AS "costUsd",
  count(*) FILTER (WHERE m.model IS NOT NULL AND (m.input_tokens IS NULL OR m.output_tokens IS NULL))::int
    AS "stepsWithoutTokens",
  count(*) FILTER (WHERE m.model IS NOT NULL AND m.cost_usd IS NULL)::int AS "stepsWithoutCost"
FROM module_metrics m
WHERE m.workspace_id = $1 AND m.created_at >= $2 AND m.created_at < $3 AND ($4::text IS NULL OR m.module = $4)
GROUP BY m.module, m.model, m.strategy
ORDER BY runs DESC, m.module, m.model, m.strategy
LIMIT 500`

const seriesSql = `
SELECT b.at,
  count(DISTINCT m.run_id)::int AS runs,
  (count(DISTINCT m.run_id) FILTER (WHERE m.status = 'failed'))::int AS "failedRuns",
  ${percentile(0.5)} AS "p50DurationMs",
  ${percentile(0.95)} AS "p95DurationMs"
FROM generate_series($2::timestamptz, $3::timestamptz - interval '1 second', make_interval(secs => $5)) AS b(at)
LEFT JOIN module_metrics m ON m.workspace_id = $1 AND m.created_at >= b.at
  AND m.created_at < b.at + make_interval(secs => $5) AND ($4::text IS NULL OR m.module = $4)
GROUP BY b.at ORDER BY b.at`
