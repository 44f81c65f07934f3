import type { Log } from '../log.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import { resealSecretsKind, type StoredSecretsService } from '../services/stored-secrets.ts'

interface Needs {
  secrets: Pick<StoredSecretsService, 'resealBatches'>
  jobs: JobQueue
  log: Log
}

/** Long enough for a batch, short enough that whoever was killed is soon followed by another. */
const leaseSeconds = 15

/**
 * Seals anew what an older key has sealed, a batch at a time. Nothing but the secrets themselves says how far it came, so
 * one that was cut goes on where it was.
 */
export function registerReencryption({ secrets, jobs, log }: Needs): void {
  const options = { concurrency: 1, maxAttempts: 20, leaseSeconds, everySeconds: 60 * 60 }
  jobs.handle(resealSecretsKind, options, async (_payload, { signal }) => {
    let resealed = 0
    let unopened = 0
    for await (const batch of secrets.resealBatches(signal)) {
      resealed += batch.resealed
      unopened += batch.unopened
    }
    if (unopened > 0) log.error('secrets-not-opened', { unopened })
    if (resealed > 0) log.info('secrets-resealed', { resealed })
  })
}
