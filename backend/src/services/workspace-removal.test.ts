import { describe, expect, it } from 'vitest'
import { silentLog } from '../log.ts'
import type { LeftBehind } from '../ports/database/members-port.ts'
import type { AccountLeaving, WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { LiveRuns } from '../runs/live-runs.ts'
import { createWorkspaceRemoval } from './workspace-removal.ts'

const behind = (workspaceId: string, more: Partial<LeftBehind> = {}): LeftBehind => ({
  workspaceId,
  conversationIds: [`talk of ${workspaceId}`],
  activeRunIds: [`run of ${workspaceId}`],
  ...more,
})

/** What goes with a workspace, as it was told; the memory and the queue may be away. */
function open({
  isMemoryAway = false,
  isQueueAway = false,
  leaving = { left: [], hidden: [] } as AccountLeaving,
} = {}) {
  const told: string[] = []
  const workspaces = {
    leaveAll: async () => leaving,
    leftBehind: async (workspaceId: string) => behind(workspaceId),
  } as unknown as WorkspacesRepository
  const removal = createWorkspaceRemoval({
    workspaces,
    liveRuns: {
      get: (runId: string) =>
        runId === 'elsewhere' ? undefined : { end: (reason: string) => told.push(`${runId} ended: ${reason}`) },
    } as unknown as Pick<LiveRuns, 'get'>,
    workingMemory: {
      async forget({ workspaceId, conversationId }) {
        if (isMemoryAway) throw new Error('away')
        told.push(`forgotten in ${workspaceId}: ${conversationId}`)
      },
    },
    jobs: {
      async send(kind: string, { workspaceId }: { workspaceId: string }, options: { key?: string }) {
        if (isQueueAway) throw new Error('away')
        told.push(`${kind} ${workspaceId} as ${options.key}`)
      },
    } as unknown as JobQueue,
    log: { ...silentLog, warn: (event, fields) => void told.push(`${event} ${String(fields?.['workspaceId'])}`) },
  })
  return { told, removal }
}

describe('whoever leaves a workspace', () => {
  it('leaves no answer under way here, and nothing in mind', async () => {
    const { told, removal } = open()
    await removal.forget(behind('w', { activeRunIds: ['one', 'elsewhere'], conversationIds: ['a', 'b'] }))
    expect(told).toEqual(['one ended: deleted', 'forgotten in w: a', 'forgotten in w: b'])
  })

  it('has left also when the memory is away, which is noted', async () => {
    const { told, removal } = open({ isMemoryAway: true })
    await removal.forget(behind('w'))
    expect(told).toEqual(['run of w ended: deleted', 'conversations-not-forgotten w'])
  })
})

describe('a workspace that is hidden', () => {
  it('is cleared away once, by whoever comes to it', async () => {
    const { told, removal } = open()
    await removal.begin('w')
    expect(told).toEqual(['remove-workspace w as w'])
  })

  it('is left to the sweep when the queue is away, which is noted', async () => {
    const { told, removal } = open({ isQueueAway: true })
    await removal.begin('w')
    expect(told).toEqual(['workspace-removal-not-begun w'])
  })
})

it('takes an account out of all workspaces, and clears away those that nobody else is in', async () => {
  const { told, removal } = open({ leaving: { left: [behind('shared')], hidden: ['alone'] } })
  expect(await removal.leaveAll('ada')).toEqual(['shared'])
  expect(told).toEqual([
    'run of shared ended: deleted',
    'forgotten in shared: talk of shared',
    'run of alone ended: deleted',
    'forgotten in alone: talk of alone',
    'remove-workspace alone as alone',
  ])
})
