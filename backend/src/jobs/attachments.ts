import type { Log } from '../log.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { Attachments } from '../services/attachments.ts'

const everySeconds = 15 * 60

/** Clears away what was attached and never sent, and what a deleted conversation or a cut upload has left. */
export function registerAttachmentCleaning({
  attachments,
  jobs,
  log,
}: {
  attachments: Pick<Attachments, 'clean'>
  jobs: JobQueue
  log: Log
}): void {
  jobs.handle(
    'clean-attachments',
    { concurrency: 1, maxAttempts: 3, leaseSeconds: 60, everySeconds },
    async (_payload, { signal }) => {
      const cleaned = await attachments.clean(signal)
      if (cleaned > 0) log.info('attachments-cleaned', { cleaned })
    },
  )
}
