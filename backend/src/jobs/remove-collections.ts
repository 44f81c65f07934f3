import type { Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import { removeCollectionKind, type CollectionPayload } from '../services/collections.ts'

interface Needs {
  collections: CollectionsRepository
  documents: DocumentsRepository
  objectStore: ObjectStore
  jobs: JobQueue
  log: Log
}

/** Documents that go together: others get their turn in between. */
const batch = 100
const sweepSeconds = 60

/** Clears away what deleted collections held: a batch of documents with their bytes at a time, and the collection at last. */
export function registerCollectionRemoval(needs: Needs): void {
  const { collections, jobs } = needs
  jobs.handle<CollectionPayload>(
    removeCollectionKind,
    { concurrency: 1, maxAttempts: 50, leaseSeconds: 30 },
    (payload, job) => removeCollection(needs, payload, job),
  )
  // For what was hidden by a process that ended before it sent the job, and for jobs that were given up.
  jobs.handle(
    'sweep-removed-collections',
    { concurrency: 1, maxAttempts: 3, leaseSeconds: 30, everySeconds: sweepSeconds },
    async () => {
      for (const { workspaceId, id, ownerId } of await collections.hidden()) {
        const payload: CollectionPayload = { workspaceId, collectionId: id, ownerId }
        await jobs.send(removeCollectionKind, payload, { key: id })
      }
    },
  )
}

/** Everything of a collection that is hidden already. */
export async function removeCollection(
  { collections, documents, objectStore, log }: Omit<Needs, 'jobs'>,
  payload: CollectionPayload,
  job: Job,
): Promise<void> {
  const { workspaceId, collectionId, ownerId } = payload
  const call: Call = {
    actor: { userId: ownerId, workspaceId, role: 'owner', via: 'job', scopes: [] },
    requestId: job.id,
    signal: job.signal,
    log,
  }
  let removed = 0
  for (;;) {
    job.signal.throwIfAborted()
    const gone = await collections.takeHiddenDocuments(call, collectionId, batch)
    if (gone.length === 0) break
    await Promise.all(gone.flatMap(({ objectKey }) => objectKey ?? []).map((key) => objectStore.delete(key)))
    await documents.remove(
      call,
      gone.map(({ id }) => id),
    )
    removed += gone.length
    // The embedded database answers within this very turn; without a pause nobody else would get one.
    await new Promise(setImmediate)
  }
  await collections.delete(call, collectionId)
  log.info('collection-removed', { workspaceId, collectionId, documents: removed })
}
