import type { Log } from '../log.ts'
import type { SpendingRepository } from '../ports/database/spending-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'

interface Needs {
  repository: Pick<SpendingRepository, 'sweep'>
  jobs: JobQueue
  log: Log
}

/** Settles what a process that was killed had set aside; nobody else would. */
export function registerSpendingSweep({ repository, jobs, log }: Needs): void {
  jobs.handle('spending-sweep', { concurrency: 1, maxAttempts: 3, leaseSeconds: 300, everySeconds: 300 }, async () => {
    const swept = await repository.sweep()
    if (swept > 0) log.info('spending-swept', { swept })
  })
}
