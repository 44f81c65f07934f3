import type { Log } from '../log.ts'
import type { LeftBehind } from '../ports/database/members-port.ts'
import type { AccountLeaving, WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { WorkingMemory } from '../ports/working-memory/port.ts'
import type { LiveRuns } from '../runs/live-runs.ts'

export type WorkspaceRemoval = ReturnType<typeof createWorkspaceRemoval>

export const removeWorkspaceKind = 'remove-workspace'

export interface RemovalPayload {
  workspaceId: string
}

interface Needs {
  workspaces: WorkspacesRepository
  liveRuns: Pick<LiveRuns, 'get'>
  workingMemory: Pick<WorkingMemory, 'forget'>
  jobs: JobQueue
  log: Log
}

/** What goes with a workspace, or with somebody who leaves one. Shared by whoever deletes either, or an account. */
export function createWorkspaceRemoval({ workspaces, liveRuns, workingMemory, jobs, log }: Needs) {
  /** Should working memory be away, what it holds fades within a day. */
  async function forget({ workspaceId, conversationIds, activeRunIds }: LeftBehind): Promise<void> {
    for (const runId of activeRunIds) liveRuns.get(runId)?.end('deleted')
    try {
      for (const conversationId of conversationIds) await workingMemory.forget({ workspaceId, conversationId })
    } catch (error) {
      log.warn('conversations-not-forgotten', { workspaceId, error })
    }
  }

  /** Clears away a workspace that is hidden already. What this process cannot begin, the sweep does. */
  const begin = (workspaceId: string): Promise<void> =>
    jobs
      .send(removeWorkspaceKind, { workspaceId } satisfies RemovalPayload, { key: workspaceId })
      .catch((error: unknown) => log.warn('workspace-removal-not-begun', { workspaceId, error }))

  return {
    forget,
    begin,

    /**
     * For whoever deletes an account, just before its row: takes the person out of every workspace, and clears away those
     * that nobody else is in. Gives those where others stay. Throws `conflict` with what to do when a workspace would be
     * left without an owner. `noting` does it and notes it.
     */
    async leaveAll(
      userId: string,
      noting: (leave: () => Promise<AccountLeaving>) => Promise<AccountLeaving> = (leave) => leave(),
    ): Promise<string[]> {
      const { left, hidden } = await noting(() => workspaces.leaveAll(userId))
      for (const one of left) await forget(one)
      for (const workspaceId of hidden) {
        // Now, because their conversations go with the account, and with them the names of what is held in mind.
        await forget(await workspaces.leftBehind(workspaceId))
        await begin(workspaceId)
      }
      return left.map(({ workspaceId }) => workspaceId)
    },
  }
}
