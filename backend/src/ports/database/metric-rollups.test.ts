import { randomUUID } from 'node:crypto'
import type { ModuleMetrics, MetricsWindow } from '@nitroagi/shared/module-metrics'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPerson } from '../../../test/test-call.ts'
import { eachDatabase } from '../../../test/test-database.ts'
import type { Call } from '../../call.ts'
import { createModuleMetrics } from '../../services/module-metrics.ts'
import type { Connection } from './connection.ts'
import { histogramError } from './duration-histogram.ts'
import { createMetricRollups } from './metric-rollups.ts'
import { createMetricsRepository } from './metrics.ts'

const hour = 60 * 60_000
const day = 24 * hour
const windows: MetricsWindow[] = ['24h', '7d', '30d']

/** The same numbers every time. */
function createRandom(seed: number) {
  let state = seed
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
  return { next, pick: <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)]! }
}

eachDatabase((_name, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())

  const rollups = () => createMetricRollups(connection)
  const rollAll = async () => {
    while (!(await rollups().rollUp()).isDone);
  }
  // Of one moment, so that no hour ends between two readings that are compared.
  const startedAt = Date.now()
  const now = () => startedAt
  const read = (call: Call, window: MetricsWindow, module?: string) =>
    createModuleMetrics({ repository: createMetricsRepository(connection), now }).read(call, { window, module })
  const readAll = (call: Call) =>
    Promise.all(windows.flatMap((window) => [undefined, 'language'].map((module) => read(call, window, module))))

  const storeRun = (call: Call, agoMs: number, steps: unknown[][]) =>
    connection.query(
      `INSERT INTO module_metrics (workspace_id, run_id, module, model, strategy, status, duration_ms, input_tokens,
         output_tokens, tokens_estimated, cost_usd, created_at)
       SELECT $1, $2, s->>0, s->>1, s->>2, s->>3, (s->>4)::real, (s->>5)::int, (s->>6)::int, (s->>7)::boolean,
         (s->>8)::float8, now() - make_interval(secs => $3) FROM json_array_elements($4::json) AS s`,
      [call.actor.workspaceId, randomUUID(), agoMs / 1000, JSON.stringify(steps)],
    )

  /** Runs of a month and more, the last of them in this hour. */
  async function storeMonth(call: Call, seed: number, runs: number) {
    const { next, pick } = createRandom(seed)
    for (let run = 0; run < runs; run++) {
      const strategy = pick(['sequential', 'parallel', 'consensus'])
      const steps = Array.from({ length: 1 + Math.floor(next() * 5) }, () => {
        const module = pick(['language', 'language', 'knowledge', 'reasoning'])
        const model = module === 'language' ? pick(['a/one', 'b/two', null]) : null
        const isKnown = model !== null && next() < 0.8
        const durationMs = next() < 0.02 ? 0 : 10 ** (next() * 7 - 2)
        const tokens = isKnown ? [Math.floor(next() * 9000), Math.floor(next() * 900)] : [null, null]
        const status = pick(['completed', 'completed', 'completed', 'failed', 'stopped'])
        return [module, model, strategy, status, durationMs, ...tokens, next() < 0.3, isKnown ? next() : null]
      })
      await storeRun(call, run < 5 ? 0 : next() ** 2 * 33 * day, steps)
    }
  }

  const near = (value: number | null, expected: number | null) =>
    expected === null || value === null
      ? value === expected
      : Math.abs(value - expected) <= expected * (histogramError + 1e-6) + 0.0101
  const counted = ({ rows, series }: ModuleMetrics) => [
    rows.map(({ p50DurationMs: _, p95DurationMs: __, costUsd, successRate, ...counts }) => ({
      ...counts,
      costUsd: costUsd?.toFixed(9),
      successRate: successRate?.toFixed(9),
    })),
    series.map(({ at, runs, failedRuns }) => [at, runs, failedRuns]),
  ]
  const lasted = ({ rows, series }: ModuleMetrics) =>
    [...rows, ...series].flatMap(({ p50DurationMs, p95DurationMs }) => [p50DurationMs, p95DurationMs])

  function expectSame(now: ModuleMetrics[], before: ModuleMetrics[]) {
    expect(now.map(counted)).toEqual(before.map(counted))
    const pairs = now.flatMap((metrics, index) => {
      const expected = lasted(before[index]!)
      return lasted(metrics).map((value, at) => [value, expected[at]!] as const)
    })
    expect(pairs.filter(([value, expected]) => !near(value, expected))).toEqual([])
  }

  it('says the same as the rows it is made of, without reading them, however often it is made', async () => {
    const [ada, bob] = [await createPerson(connection), await createPerson(connection)]
    await storeMonth(ada, 1, 250)
    await storeMonth(bob, 2, 40)
    const before = { ada: await readAll(ada), bob: await readAll(bob) }
    expect(before.ada.at(-2)!.rows.length).toBeGreaterThan(9)

    await Promise.all([rollups().rollUp(), rollups().rollUp()])
    await rollAll()
    const [state] = await connection.query<{ left: number }>(
      `SELECT extract(epoch FROM now() - until)::float8 AS left FROM module_metrics_rolled`,
    )
    expect(state!.left).toBeLessThan(65 * 60)
    expectSame(await readAll(ada), before.ada)
    expectSame(await readAll(bob), before.bob)

    await rollAll()
    expectSame(await readAll(ada), before.ada)

    // Not one of the rows that are rolled up is needed any more.
    const gone = await connection.query(
      `DELETE FROM module_metrics WHERE created_at < (SELECT until - interval '2 hours' FROM module_metrics_rolled) RETURNING 1`,
    )
    expect(gone.length).toBeGreaterThan(400)
    expectSame(await readAll(ada), before.ada)
    await rollAll()
    expectSame(await readAll(ada), before.ada)
  })

  it('takes in a row that came late, and hours after a long rest', async () => {
    const ada = await createPerson(connection)
    await storeRun(ada, 0, [['language', null, 'sequential', 'completed', 10, null, null, false, null]])
    await rollAll()
    await storeRun(ada, 1.5 * hour, [['language', null, 'sequential', 'completed', 10, null, null, false, null]])
    await rollAll()
    expect((await read(ada, '24h')).rows[0]?.steps).toBe(2)
    await connection.query(`UPDATE module_metrics_rolled SET until = until - interval '20 days'`)
    await rollAll()
    expect((await read(ada, '30d')).rows[0]?.steps).toBe(2)
  })

  it('is nothing for a workspace in which nothing happened, and goes with its workspace', async () => {
    const ada = await createPerson(connection)
    await rollAll()
    expect((await read(ada, '30d')).rows).toEqual([])
    await storeRun(ada, 2 * day, [['language', null, 'sequential', 'failed', 10, null, null, false, null]])
    await connection.query(`UPDATE module_metrics_rolled SET until = until - interval '3 days'`)
    await rollAll()
    expect((await read(ada, '7d')).rows[0]).toMatchObject({ failed: 1, p50DurationMs: null })
    const rows = () =>
      connection.query('SELECT 1 FROM module_metrics_hourly WHERE workspace_id = $1', [ada.actor.workspaceId])
    expect(await rows()).toHaveLength(1)
    await connection.query('DELETE FROM workspaces WHERE id = $1', [ada.actor.workspaceId])
    expect(await rows()).toEqual([])
  })

  it('lets old rows go once they are rolled up, except those of answers that somebody rated', async () => {
    const ada = await createPerson(connection)
    await connection.query('DELETE FROM module_metrics')
    await connection.query('DELETE FROM module_metrics_rolled')
    const step = ['language', null, 'sequential', 'completed', 10, null, null, false, null]
    for (const days of [1, 34, 36, 50, 120]) await storeRun(ada, days * day, [step])
    const kept = async () =>
      (
        await connection.query<{ days: number }>(
          `SELECT floor(extract(epoch FROM now() - created_at) / 86400)::int AS days FROM module_metrics ORDER BY 1`,
        )
      ).map(({ days }) => days)
    expect(await rollups().prune()).toBe(0)
    for (const days of [50, 120]) {
      await connection.query(
        `WITH c AS (INSERT INTO conversations (workspace_id, owner_id) VALUES ($1, $2) RETURNING id),
         m AS (INSERT INTO messages (workspace_id, conversation_id, role, run_id)
           SELECT $1, c.id, 'assistant', r.run_id FROM c, module_metrics r
           WHERE floor(extract(epoch FROM now() - r.created_at) / 86400) = $3 RETURNING id)
         INSERT INTO message_feedback (workspace_id, message_id, user_id, rating) SELECT $1, m.id, $2, 'up' FROM m`,
        [ada.actor.workspaceId, ada.actor.userId, days],
      )
    }
    await rollAll()
    expect(await rollups().prune()).toBe(2)
    expect(await rollups().prune()).toBe(0)
    expect(await kept()).toEqual([1, 34, 50])
    expect((await read(ada, '30d')).rows[0]?.steps).toBe(1)
  })
})
