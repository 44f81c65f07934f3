import type { Log } from '../log.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import { removeWorkspaceKind, type RemovalPayload, type WorkspaceRemoval } from '../services/workspace-removal.ts'
import { removeCollection } from './remove-collections.ts'

interface Needs {
  workspaces: WorkspacesRepository
  removal: Pick<WorkspaceRemoval, 'begin' | 'forget'>
  collections: CollectionsRepository
  documents: DocumentsRepository
  objectStore: ObjectStore
  jobs: JobQueue
  log: Log
}

/** Conversations that go together: others get their turn in between. */
const batch = 100
const sweepSeconds = 60

/** Clears away what deleted workspaces held: rows, bytes and what is held in mind. */
export function registerWorkspaceRemoval(needs: Needs): void {
  const { workspaces, removal, jobs } = needs
  jobs.handle<RemovalPayload>(
    removeWorkspaceKind,
    { concurrency: 1, maxAttempts: 50, leaseSeconds: 30 },
    (payload, job) => remove(needs, payload, job),
  )
  // For what was hidden by a process that ended before it sent the job, and for jobs that were given up.
  jobs.handle(
    'sweep-removed-workspaces',
    { concurrency: 1, maxAttempts: 3, leaseSeconds: 30, everySeconds: sweepSeconds },
    async () => {
      for (const workspaceId of await workspaces.hidden()) await removal.begin(workspaceId)
    },
  )
}

/** Everything in it may be done again: a job that is cut begins anew. */
async function remove(needs: Needs, { workspaceId }: RemovalPayload, job: Job): Promise<void> {
  const { workspaces, removal, collections, objectStore, log } = needs
  if (!(await workspaces.hidden()).includes(workspaceId)) return
  await removal.forget(await workspaces.leftBehind(workspaceId))
  for (const { id: collectionId, ownerId } of await workspaces.collections(workspaceId)) {
    const actor = { userId: ownerId, workspaceId, role: 'owner', via: 'job', scopes: [] } as const
    await collections.hide({ actor, requestId: job.id, signal: job.signal, log }, collectionId)
    await removeCollection(needs, { workspaceId, collectionId, ownerId }, job)
  }
  const bytes = `${workspaceId}/`
  await objectStore.deleteAll(bytes)
  do job.signal.throwIfAborted()
  while ((await workspaces.deleteConversations(workspaceId, batch)) === batch)
  await workspaces.delete(workspaceId)
  // Once more, for an upload that was under way.
  await objectStore.deleteAll(bytes)
  log.info('workspace-removed', { workspaceId })
}
