import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { EvaluationRepository } from '../ports/database/evaluation-port.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import { evaluateKind, type EvaluatePayload, type EvaluationService } from '../services/evaluation.ts'

interface Needs {
  evaluation: Pick<EvaluationRepository, 'due' | 'fail' | 'failAbandoned'>
  service: Pick<EvaluationService, 'begin' | 'measure'>
  version: string
  jobs: JobQueue
  log: Log
}

const lookSeconds = 10 * 60
/** Longer than all tries of a run take together. */
const abandonedMinutes = 60

/**
 * Asks the golden questions of a collection when somebody wants it, and by itself: once questions are there, after a
 * change of its model, its profile or the product when all documents have followed, and each night that documents came.
 */
export function registerEvaluation({ evaluation, service, version, jobs, log }: Needs): void {
  jobs.handle<EvaluatePayload>(
    evaluateKind,
    {
      concurrency: 1,
      maxAttempts: 3,
      leaseSeconds: 60,
      async onDead(payload, error) {
        const { workspaceId, userId, runId } = payload as EvaluatePayload
        const said = error instanceof NitroError ? error.message : 'It could not be measured. The log has the details.'
        await evaluation.fail(callFor({ workspaceId, userId }, undefined, log), runId, said)
      },
    },
    (payload, job) => service.measure(callFor(payload, job, log), payload),
  )
  jobs.handle(
    'look-for-due-evaluations',
    { concurrency: 1, maxAttempts: 3, leaseSeconds: 60, everySeconds: lookSeconds },
    async (_payload, job) => {
      await evaluation.failAbandoned(abandonedMinutes)
      for (const { workspaceId, collectionId, ownerId, reason } of await evaluation.due(version)) {
        await service.begin(callFor({ workspaceId, userId: ownerId }, job, log), collectionId, reason)
      }
    },
  )
}

const callFor = (
  { workspaceId, userId }: { workspaceId: string; userId: string },
  job: Job | undefined,
  log: Log,
): Call => ({
  actor: { userId, workspaceId, role: 'owner', via: 'job', scopes: [] },
  requestId: job?.id ?? 'evaluation',
  signal: job?.signal ?? new AbortController().signal,
  log: log.with({ workspaceId }),
})
