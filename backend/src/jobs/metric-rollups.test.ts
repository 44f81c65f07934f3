import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createPerson } from '../../test/test-call.ts'
import { eachDatabase } from '../../test/test-database.ts'
import { silentLog } from '../log.ts'
import { createMetricRollups } from '../ports/database/metric-rollups.ts'
import { createPgBossJobQueue } from '../ports/job-queue/pg-boss.ts'
import { registerMetricRollups } from './metric-rollups.ts'

eachDatabase((_name, database) => {
  it('sums up what happened while no process was up, and lets go of what is old, as soon as one is', async () => {
    const connection = await database.open()
    const { actor } = await createPerson(connection)
    for (const hours of [3, 30 * 24, 40 * 24]) {
      await connection.query(
        `INSERT INTO module_metrics (workspace_id, run_id, module, strategy, status, duration_ms, created_at)
         VALUES ($1, $2, 'language', 'sequential', 'completed', 12, now() - make_interval(hours => $3))`,
        [actor.workspaceId, randomUUID(), hours],
      )
    }
    const processes = [0, 1].map(() => {
      const jobs = createPgBossJobQueue({ connection, log: silentLog })
      registerMetricRollups({ rollups: createMetricRollups(connection), jobs, log: silentLog })
      return jobs
    })
    const count = async (table: string) => (await connection.query(`SELECT 1 FROM ${table}`)).length
    try {
      for (const jobs of processes) await jobs.start()
      await expect.poll(() => count('module_metrics_hourly'), { timeout: 20_000 }).toBe(3)
      await expect.poll(() => count('module_metrics'), { timeout: 20_000 }).toBe(2)
      expect(await connection.query('SELECT runs, steps FROM module_metrics_hourly')).toEqual(
        Array.from({ length: 3 }, () => ({ runs: 1, steps: 1 })),
      )
    } finally {
      for (const jobs of processes) await jobs.stop(1_000)
      await connection.close()
    }
  })
})
