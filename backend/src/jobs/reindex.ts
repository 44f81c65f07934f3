import { setTimeout as wait } from 'node:timers/promises'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { ReindexingRepository } from '../ports/database/reindexing-port.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import { reindexCollectionKind, type CollectionPayload } from '../services/collections.ts'
import type { DocumentFeed } from '../services/document-feed.ts'
import { ingestDocumentKind, payloadOf } from '../services/document-intake.ts'

interface Needs {
  reindexing: ReindexingRepository
  documents: Pick<DocumentsRepository, 'index'>
  jobs: JobQueue
  feed: DocumentFeed
  log: Log
}

/** Documents of a collection that are begun at most before others are done, so that uploads do not stand behind them all. */
const underwayAtMost = 16
const lookEveryMs = 200
const sweepSeconds = 5 * 60

/**
 * Gives the documents of a collection whose model or profile has changed a new version each, a few at a time. Each is
 * searched as it was until its new version is ready. What is to be done is read from the documents themselves, so a job
 * that is cut goes on, and settings that are set back end it.
 */
export function registerReindexing(needs: Needs): void {
  const { reindexing, jobs } = needs
  jobs.handle<CollectionPayload>(
    reindexCollectionKind,
    { concurrency: 4, maxAttempts: 50, leaseSeconds: 15 },
    (payload, job) => reindex(needs, payload, job),
  )
  // For a change whose process ended before it sent the job, or that came while another was just ending.
  jobs.handle(
    'sweep-outdated-collections',
    { concurrency: 1, maxAttempts: 3, leaseSeconds: 60, everySeconds: sweepSeconds },
    async () => {
      for (const payload of await reindexing.collections()) {
        await jobs.send(reindexCollectionKind, payload, { key: payload.collectionId })
      }
    },
  )
}

async function reindex(needs: Needs, payload: CollectionPayload, job: Job): Promise<void> {
  const { reindexing, log } = needs
  const { workspaceId, collectionId, ownerId } = payload
  const call: Call = {
    actor: { userId: ownerId, workspaceId, role: 'owner', via: 'job', scopes: [] },
    requestId: job.id,
    signal: job.signal,
    log: log.with({ workspaceId, collectionId }),
  }
  let begun = 0
  for (;;) {
    job.signal.throwIfAborted()
    const room = underwayAtMost - (await reindexing.underway(call, collectionId))
    const outdated = await reindexing.outdated(call, collectionId, Math.max(1, room))
    if (outdated.length === 0) break
    for (const id of outdated.slice(0, Math.max(0, room))) if (await begin(needs, call, id)) begun++
    await wait(lookEveryMs, undefined, { signal: job.signal })
  }
  if (begun > 0) call.log.info('collection-reindexing', { documents: begun })
}

/** False when it has gone, or is being read for another reason; then it is looked at again, or has the new settings. */
async function begin({ documents, jobs, feed }: Needs, call: Call, id: string): Promise<boolean> {
  try {
    const document = await documents.index(call, id)
    if (!document) return false
    await jobs.send(ingestDocumentKind, payloadOf(document), { key: id })
    feed.tell(document.workspaceId)
    return true
  } catch (error) {
    if (error instanceof NitroError && error.code === 'not_found') return false
    throw error
  }
}
