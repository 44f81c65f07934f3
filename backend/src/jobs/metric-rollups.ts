import type { Log } from '../log.ts'
import type { MetricRollups } from '../ports/database/metric-rollups-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'

interface Needs {
  rollups: MetricRollups
  jobs: JobQueue
  log: Log
}

/** Every hour: sums up the hours that have ended, then deletes old rows, a batch at a time so that nobody waits long. */
export function registerMetricRollups({ rollups, jobs, log }: Needs): void {
  const options = { concurrency: 1, maxAttempts: 3, leaseSeconds: 60, everySeconds: 60 * 60 }
  jobs.handle('roll-up-metrics', options, async (_payload, { signal }) => {
    let hours = 0
    let pruned = 0
    for (let isDone = false; !isDone;) {
      signal.throwIfAborted()
      const rolled = await rollups.rollUp()
      hours += rolled.hours
      isDone = rolled.isDone
    }
    for (let batch = await rollups.prune(); batch > 0; batch = await rollups.prune()) {
      pruned += batch
      signal.throwIfAborted()
    }
    if (hours > 0 || pruned > 0) log.info('metrics-rolled-up', { hours, pruned })
  })
}
