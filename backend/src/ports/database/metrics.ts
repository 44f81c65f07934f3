import type { ModuleMetricsPoint, ModuleMetricsRow } from '@nitroagi/shared/module-metrics'
import type { Scopes } from './connection.ts'
import { middleOf } from './duration-histogram.ts'
import type { MetricsRepository } from './metrics-port.ts'

export function createMetricsRepository({ tenant }: Scopes): MetricsRepository {
  return {
    rows: ({ actor }, { from, to, module }) =>
      tenant(actor).query<ModuleMetricsRow>(rowsSql, [
        actor.workspaceId,
        from.toISOString(),
        to.toISOString(),
        module ?? null,
      ]),

    async series({ actor }, { from, to, bucketSeconds, module }) {
      const points = await tenant(actor).query<Omit<ModuleMetricsPoint, 'at'> & { at: Date }>(seriesSql, [
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

// Hours that are rolled up are read from their sums, the few after them row by row: $1 workspace, $2 from, $3 to, $4 module.
const rolled = `rolled AS (SELECT coalesce((SELECT until FROM module_metrics_rolled), '-infinity') AS until)`
const isRolled = `h.workspace_id = $1 AND h.hour >= $2 AND h.hour < least($3::timestamptz, (SELECT until FROM rolled))`
const isSum = `${isRolled} AND ($4::text IS NULL OR h.module = $4)`
const isRow = `m.workspace_id = $1 AND m.created_at >= greatest($2::timestamptz, (SELECT until FROM rolled))
  AND m.created_at < $3 AND ($4::text IS NULL OR m.module = $4)`

/** How long a step took that did its work: one that failed says nothing about that. `keys` say of which. */
const lasted = (keys: string, ofSum: string, ofRow: string) => `
lasted AS (
  SELECT ${keys}, value, sum(many) AS many FROM (
    SELECT ${keys}, ${middleOf('bucket')} AS value, many FROM (
      SELECT ${ofSum}, d.bucket, sum(d.many) AS many
      FROM module_metrics_hourly h, unnest(h.duration_buckets, h.duration_counts) AS d(bucket, many) WHERE ${isSum}
      GROUP BY ${keys}, d.bucket) AS sums
    UNION ALL
    SELECT ${ofRow}, m.duration_ms, 1 FROM module_metrics m WHERE ${isRow} AND m.status = 'completed') AS each
  GROUP BY ${keys}, value),
ranked AS (
  SELECT ${keys}, value, sum(many) OVER (PARTITION BY ${keys} ORDER BY value) AS upto,
    sum(many) OVER (PARTITION BY ${keys}) - 1 AS last
  FROM lasted),
percentiles AS (
  SELECT ${keys}, ${percentile(0.5)} AS p50, ${percentile(0.95)} AS p95 FROM ranked GROUP BY ${keys}, last)`

/** As percentile_cont has it, over values that count several times. */
function percentile(share: number): string {
  const place = `(${share} * last)`
  const at = (rank: string) => `min(value) FILTER (WHERE upto > ${rank}${place})`
  return `(${at('floor')} + (${at('ceil')} - ${at('floor')}) * (${place} - floor${place}))::float8`
}

const rowsSql = `
WITH ${rolled},
part AS (
  SELECT h.module, h.model, h.strategy, h.runs, h.steps, h.completed, h.failed, h.input_tokens, h.output_tokens,
    h.tokens_estimated, h.cost_usd, h.steps_without_tokens, h.steps_without_cost
  FROM module_metrics_hourly h WHERE ${isSum}
  UNION ALL
  SELECT m.module, m.model, m.strategy, count(DISTINCT m.run_id), count(*),
    count(*) FILTER (WHERE m.status = 'completed'), count(*) FILTER (WHERE m.status = 'failed'),
    sum(m.input_tokens), sum(m.output_tokens), bool_or(m.tokens_estimated), sum(m.cost_usd),
    count(*) FILTER (WHERE m.model IS NOT NULL AND (m.input_tokens IS NULL OR m.output_tokens IS NULL)),
    count(*) FILTER (WHERE m.model IS NOT NULL AND m.cost_usd IS NULL)
  FROM module_metrics m WHERE ${isRow} GROUP BY m.module, m.model, m.strategy),
whole AS (
  SELECT module, model, strategy, sum(runs)::int AS runs, sum(steps)::int AS steps, sum(completed)::int AS completed,
    sum(failed)::int AS failed, sum(input_tokens)::float8 AS input_tokens, sum(output_tokens)::float8 AS output_tokens,
    bool_or(tokens_estimated) AS tokens_estimated, sum(cost_usd) AS cost_usd,
    sum(steps_without_tokens)::int AS steps_without_tokens, sum(steps_without_cost)::int AS steps_without_cost
  FROM part GROUP BY module, model, strategy),
${lasted('module, model, strategy', 'h.module, h.model, h.strategy', 'm.module, m.model, m.strategy')}
SELECT w.module, w.model, w.strategy, w.runs, w.steps, w.completed, w.failed,
  w.completed::float8 / nullif(w.completed + w.failed, 0) AS "successRate",
  p.p50 AS "p50DurationMs", p.p95 AS "p95DurationMs", w.input_tokens AS "inputTokens",
  w.output_tokens AS "outputTokens", w.tokens_estimated AS "tokensEstimated", w.cost_usd AS "costUsd",
  w.steps_without_tokens AS "stepsWithoutTokens", w.steps_without_cost AS "stepsWithoutCost"
FROM whole w LEFT JOIN percentiles p
  ON p.module = w.module AND p.model IS NOT DISTINCT FROM w.model AND p.strategy = w.strategy
ORDER BY runs DESC, w.module, w.model, w.strategy
LIMIT 500`

const bucket = (of: string) => `date_bin(make_interval(secs => $5), ${of}, $2::timestamptz)`

const seriesSql = `
WITH ${rolled},
part AS (
  SELECT ${bucket('h.hour')} AS at, h.runs, h.failed_runs FROM module_runs_hourly h
  WHERE ${isRolled} AND h.module IS NOT DISTINCT FROM $4::text
  UNION ALL
  SELECT ${bucket('m.created_at')}, count(DISTINCT m.run_id), count(DISTINCT m.run_id) FILTER (WHERE m.status = 'failed')
  FROM module_metrics m WHERE ${isRow} GROUP BY 1),
whole AS (SELECT at, sum(runs)::int AS runs, sum(failed_runs)::int AS failed FROM part GROUP BY at),
${lasted('at', `${bucket('h.hour')} AS at`, `${bucket('m.created_at')} AS at`)}
SELECT b.at, coalesce(w.runs, 0) AS runs, coalesce(w.failed, 0) AS "failedRuns", p.p50 AS "p50DurationMs",
  p.p95 AS "p95DurationMs"
FROM generate_series($2::timestamptz, $3::timestamptz - interval '1 second', make_interval(secs => $5)) AS b(at)
LEFT JOIN whole w ON w.at = b.at LEFT JOIN percentiles p ON p.at = b.at
ORDER BY b.at`
