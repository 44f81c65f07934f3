import type { Log } from '../log.ts'
import type { VectorIndexes } from '../ports/database/knowledge-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'

interface Needs {
  indexes: VectorIndexes
  jobs: JobQueue
  log: Log
}

/** Now and then: whether a model has made so many vectors that they should have an index, or so few that they should not. */
export function registerVectorIndexes({ indexes, jobs, log }: Needs): void {
  // Building one takes minutes for a million; a second try beside the first would only find it being made.
  const options = { concurrency: 1, maxAttempts: 1, leaseSeconds: 60 * 60, everySeconds: 10 * 60 }
  jobs.handle('tend-vector-indexes', options, async () => {
    const { made, dropped } = await indexes.tend()
    if (made.length > 0 || dropped.length > 0) log.info('vector-indexes-tended', { made, dropped })
  })
}
