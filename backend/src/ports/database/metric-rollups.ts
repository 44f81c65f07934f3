import type { Scopes } from './connection.ts'
import { bucketOf } from './duration-histogram.ts'
import type { MetricRollups } from './metric-rollups-port.ts'

/** A row is stamped when its transaction begins; one that began in an hour is taken to have ended by then. */
const settledAfter = '5 minutes'
/** Rolled up once more each time, for a row that came even later. */
const again = '2 hours'
const hoursAtOnce = 24
const keptFor = '35 days'
/** What was learned from rated answers reaches back further than the figures do. */
const keptWhenRatedFor = '100 days'
const prunedAtOnce = 5_000
/** One lock for all processes: the bytes of "rollup" as a number. */
const lockKey = 125_822_885_983_600

export function createMetricRollups({ system }: Scopes): MetricRollups {
  return {
    rollUp: () =>
      system.transaction(async (tx) => {
        await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [lockKey])
        const [span] = await tx.query<{ from: Date; to: Date; isDone: boolean; hours: number }>(spanSql)
        if (!span || span.hours <= 0) return { hours: 0, isDone: true }
        const stretch = [span.from, span.to].map((at) => new Date(at).toISOString())
        for (const sql of [clearStepsSql, clearRunsSql, stepsSql, runsSql]) await tx.query(sql, stretch)
        await tx.query(
          `INSERT INTO module_metrics_rolled (until) VALUES ($1)
           ON CONFLICT (is_only) DO UPDATE SET until = greatest(module_metrics_rolled.until, excluded.until)`,
          [stretch[1]],
        )
        return { hours: span.hours, isDone: span.isDone }
      }),

    async prune() {
      const [row] = await system.query<{ count: number }>(pruneSql)
      return row?.count ?? 0
    },
  }
}

/** Begins where it ended, or with the oldest row; hours without rows cost nothing, so they are stepped over. */
const spanSql = `
WITH settled AS (SELECT date_trunc('hour', now() - interval '${settledAfter}', 'UTC') AS at),
done AS (SELECT until - interval '${again}' AS at FROM module_metrics_rolled),
first AS (
  SELECT date_trunc('hour', min(created_at), 'UTC') AS at FROM module_metrics
  WHERE created_at >= coalesce((SELECT at FROM done), '-infinity')),
span AS (
  SELECT greatest(done.at, least(first.at, settled.at)) AS "from", settled.at AS settled
  FROM settled LEFT JOIN done ON true LEFT JOIN first ON true)
SELECT "from", least("from" + interval '${hoursAtOnce} hours', settled) AS "to",
  "from" + interval '${hoursAtOnce} hours' >= settled AS "isDone",
  ceil(extract(epoch FROM least("from" + interval '${hoursAtOnce} hours', settled) - "from") / 3600)::int AS hours
FROM span WHERE "from" IS NOT NULL`

const clearStepsSql = 'DELETE FROM module_metrics_hourly WHERE hour >= $1 AND hour < $2'
const clearRunsSql = 'DELETE FROM module_runs_hourly WHERE hour >= $1 AND hour < $2'

const hour = `date_trunc('hour', m.created_at, 'UTC')`

const stepsSql = `
WITH rolled AS (SELECT m.*, ${hour} AS hour FROM module_metrics m WHERE m.created_at >= $1 AND m.created_at < $2),
lasted AS (
  SELECT workspace_id, hour, module, model, strategy, array_agg(bucket ORDER BY bucket) AS buckets,
    array_agg(many ORDER BY bucket) AS counts
  FROM (
    SELECT workspace_id, hour, module, model, strategy, ${bucketOf('duration_ms')} AS bucket, count(*)::int AS many
    FROM rolled WHERE status = 'completed' GROUP BY workspace_id, hour, module, model, strategy, bucket) AS counted
  GROUP BY workspace_id, hour, module, model, strategy)
INSERT INTO module_metrics_hourly (workspace_id, hour, module, model, strategy, runs, steps, completed, failed,
  input_tokens, output_tokens, tokens_estimated, cost_usd, steps_without_tokens, steps_without_cost, duration_buckets,
  duration_counts)
SELECT r.workspace_id, r.hour, r.module, r.model, r.strategy, count(DISTINCT r.run_id), count(*),
  count(*) FILTER (WHERE r.status = 'completed'), count(*) FILTER (WHERE r.status = 'failed'),
  sum(r.input_tokens), sum(r.output_tokens), bool_or(r.tokens_estimated), sum(r.cost_usd),
  count(*) FILTER (WHERE r.model IS NOT NULL AND (r.input_tokens IS NULL OR r.output_tokens IS NULL)),
  count(*) FILTER (WHERE r.model IS NOT NULL AND r.cost_usd IS NULL),
  coalesce(l.buckets, '{}'), coalesce(l.counts, '{}')
FROM rolled r LEFT JOIN lasted l ON l.workspace_id = r.workspace_id AND l.hour = r.hour AND l.module = r.module
  AND l.model IS NOT DISTINCT FROM r.model AND l.strategy = r.strategy
GROUP BY r.workspace_id, r.hour, r.module, r.model, r.strategy, l.buckets, l.counts`

// The rows of a run are written in one statement at its end, so no run is in two hours.
const runsSql = `
INSERT INTO module_runs_hourly (workspace_id, hour, module, runs, failed_runs)
SELECT m.workspace_id, ${hour}, m.module, count(DISTINCT m.run_id),
  count(DISTINCT m.run_id) FILTER (WHERE m.status = 'failed')
FROM module_metrics m WHERE m.created_at >= $1 AND m.created_at < $2
GROUP BY GROUPING SETS ((m.workspace_id, ${hour}, m.module), (m.workspace_id, ${hour}))`

const pruneSql = `
WITH old AS (
  SELECT m.workspace_id, m.id FROM module_metrics m
  WHERE m.created_at < now() - interval '${keptFor}'
    AND m.created_at < (SELECT until - interval '${again}' FROM module_metrics_rolled)
    AND (m.created_at < now() - interval '${keptWhenRatedFor}' OR (m.workspace_id, m.run_id) NOT IN (
      SELECT a.workspace_id, a.run_id FROM message_feedback f
      JOIN messages a ON a.workspace_id = f.workspace_id AND a.id = f.message_id WHERE a.run_id IS NOT NULL))
  LIMIT ${prunedAtOnce}),
gone AS (DELETE FROM module_metrics m USING old WHERE m.workspace_id = old.workspace_id AND m.id = old.id RETURNING 1)
SELECT count(*)::int AS count FROM gone`
