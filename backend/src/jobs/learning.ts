import type { Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import type { LearningService } from '../services/learning.ts'

const nightlyKind = 'learn-nightly'
const workspaceKind = 'learn-workspace'
const daySeconds = 24 * 60 * 60

interface Needs {
  learning: Pick<LearningService, 'learnByItself' | 'toLearn'>
  jobs: JobQueue
  log: Log
}

/** Each night every workspace that learns does so, one job each: one that fails keeps no other from it. */
export function registerLearning({ learning, jobs, log }: Needs): void {
  const options = { concurrency: 1, maxAttempts: 3, leaseSeconds: 30 }
  jobs.handle(nightlyKind, { ...options, everySeconds: daySeconds }, async () => {
    for (const workspaceId of await learning.toLearn()) {
      await jobs.send(workspaceKind, { workspaceId }, { key: workspaceId })
    }
  })
  jobs.handle<{ workspaceId: string }>(workspaceKind, options, async ({ workspaceId }, job) => {
    const report = await learning.learnByItself(callFor(workspaceId, job, log))
    const { ratedAnswers, choices } = report
    log.info('learned', { workspaceId, ratedAnswers, changedChoices: choices.changed })
  })
}

/** Nobody's: what is learned belongs to the workspace. */
const callFor = (workspaceId: string, job: Job, log: Log): Call => ({
  actor: { userId: '', workspaceId, role: 'owner', via: 'job', scopes: [] },
  requestId: job.id,
  signal: job.signal,
  log: log.with({ workspaceId }),
})
