import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPerson } from '../../../test/test-call.ts'
import { eachDatabase } from '../../../test/test-database.ts'
import type { Call } from '../../call.ts'
import { createModuleMetrics } from '../../services/module-metrics.ts'
import type { Connection } from './connection.ts'
import { createMetricsRepository } from './metrics.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface Step {
  runId?: string
  module?: string
  model?: string | null
  strategy?: string
  status?: string
  durationMs?: number
  tokens?: [input: number | null, output: number | null]
  estimated?: boolean
  costUsd?: number | null
  agoMs?: number
}

eachDatabase((_name, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())

  const read = (call: Call, window: '24h' | '7d' | '30d' = '24h', module?: string) =>
    createModuleMetrics({ repository: createMetricsRepository(connection) }).read(call, { window, module })

  const store = async (call: Call, step: Step) => {
    const { tokens = [null, null] } = step
    await connection.query(
      `INSERT INTO module_metrics (workspace_id, run_id, module, model, strategy, status, duration_ms, input_tokens,
         output_tokens, tokens_estimated, cost_usd, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() - make_interval(secs => $12))`,
      [
        call.actor.workspaceId,
        step.runId ?? randomUUID(),
        step.module ?? 'language',
        step.model ?? null,
        step.strategy ?? 'sequential',
        step.status ?? 'completed',
        step.durationMs ?? 100,
        ...tokens,
        step.estimated ?? false,
        step.costUsd ?? null,
        (step.agoMs ?? 0) / 1000,
      ],
    )
  }

  describe('what modules took and gave', () => {
    it('is nothing, over a whole line of empty hours, where nothing was asked', async () => {
      const { rows, series, bucket } = await read(await createPerson(connection))
      expect(rows).toEqual([])
      expect(bucket).toBe('hour')
      expect(series).toHaveLength(25)
      expect(series[0]).toMatchObject({ runs: 0, failedRuns: 0, p50DurationMs: null, p95DurationMs: null })
    })

    it('is kept apart by module, model and strategy', async () => {
      const ada = await createPerson(connection)
      const runId = randomUUID()
      await store(ada, { runId, module: 'knowledge', durationMs: 10 })
      await store(ada, { runId, model: 'a/one', tokens: [100, 20], costUsd: 0.5, durationMs: 100 })
      await store(ada, { runId, model: 'a/one', tokens: [50, 10], costUsd: 0.25, durationMs: 300 })
      await store(ada, { model: 'a/one', status: 'failed', durationMs: 9000 })
      await store(ada, { model: 'a/one', strategy: 'consensus', tokens: [1, 1], costUsd: 0, status: 'stopped' })
      const { rows, series } = await read(ada)
      expect(rows.map(({ module, model, strategy, runs, steps }) => [module, model, strategy, runs, steps])).toEqual([
        ['language', 'a/one', 'sequential', 2, 3],
        ['knowledge', null, 'sequential', 1, 1],
        ['language', 'a/one', 'consensus', 1, 1],
      ])
      expect(rows[0]).toMatchObject({ completed: 2, failed: 1, p50DurationMs: 200, p95DurationMs: 290 })
      expect(rows[0]?.successRate).toBeCloseTo(2 / 3)
      expect(rows[0]).toMatchObject({ inputTokens: 150, outputTokens: 30, costUsd: 0.75 })
      // The failed step asked a model and nobody knows what for: the sums are least values.
      expect(rows[0]).toMatchObject({ stepsWithoutTokens: 1, stepsWithoutCost: 1 })
      expect(rows[2]).toMatchObject({ successRate: null, p50DurationMs: null, costUsd: 0 })
      expect(series.reduce((sum, { runs }) => sum + runs, 0)).toBe(3)
      expect(series.reduce((sum, { failedRuns }) => sum + failedRuns, 0)).toBe(1)
      expect((await read(ada, '24h', 'knowledge')).rows.map(({ module }) => module)).toEqual(['knowledge'])
    })

    it('never calls an unknown price or count zero, and says which counts are estimates', async () => {
      const ada = await createPerson(connection)
      await store(ada, { model: 'own/model', tokens: [10, 5], estimated: true })
      await store(ada, { model: 'own/silent' })
      await store(ada, { module: 'knowledge' })
      const byModel = new Map((await read(ada)).rows.map((row) => [row.model, row]))
      expect(byModel.get('own/model')).toMatchObject({ costUsd: null, inputTokens: 10, tokensEstimated: true })
      expect(byModel.get('own/silent')).toMatchObject({ costUsd: null, inputTokens: null, stepsWithoutTokens: 1 })
      expect(byModel.get(null)).toMatchObject({ costUsd: null, inputTokens: null, stepsWithoutTokens: 0 })
    })

    it('never counts what another workspace did', async () => {
      const [ada, bob] = [await createPerson(connection), await createPerson(connection)]
      await store(ada, { module: 'knowledge' })
      await store(bob, { module: 'language', status: 'failed' })
      const own = await read(ada, '30d')
      expect(own.rows.map(({ module }) => module)).toEqual(['knowledge'])
      expect(own.series.reduce((sum, { runs, failedRuns }) => sum + runs + failedRuns, 0)).toBe(1)
    })

    it('reaches back as far as was asked, and table and line count the same', async () => {
      const ada = await createPerson(connection)
      for (const agoMs of [minute, day - minute, 3 * day, 7 * day - minute, 20 * day, 40 * day]) {
        await store(ada, { agoMs })
      }
      for (const [window, steps, points] of [
        ['24h', 2, 25],
        ['7d', 4, 8],
        ['30d', 5, 31],
      ] as const) {
        const { rows, series } = await read(ada, window)
        expect(rows[0]?.steps).toBe(steps)
        expect(series).toHaveLength(points)
        expect(series.reduce((sum, { runs }) => sum + runs, 0)).toBe(steps)
      }
    })
  })
})
