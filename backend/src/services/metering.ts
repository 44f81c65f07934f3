import type { Log } from '../log.ts'
import type { Meter, Taken, WorkingMemory } from '../ports/working-memory/port.ts'

export type Meters = Pick<WorkingMemory, 'take' | 'hold' | 'release'>

export interface MeteringOptions {
  /** Shared by all replicas. */
  shared: Meters
  /** Of this process alone: it counts, and gives a quarter, while the shared one is away. */
  local: Meters
  log: Log
}

export interface Metered extends Taken {
  /** What was counted by: the meters that were asked for, or stricter ones. */
  meters: readonly Meter[]
  /** Who counted, and has to be told when it is over. */
  memory: Meters
}

export type Metering = ReturnType<typeof createMetering>

const localShare = 4

/** Asks the shared memory; while that is away, this process counts for itself and gives less. Never gives uncounted. */
export function createMetering({ shared, local, log }: MeteringOptions) {
  let isAway = false
  return async function take(workspaceId: string, meters: readonly Meter[], lease: string): Promise<Metered> {
    try {
      const taken = await shared.take(workspaceId, meters, lease)
      if (isAway) log.info('rate-limits-shared')
      isAway = false
      return { ...taken, meters, memory: shared }
    } catch (error) {
      if (!isAway) log.warn('rate-limits-local', { error })
      isAway = true
      const stricter = meters.map((meter) => ({
        ...meter,
        atMost: shareOf(meter.atMost),
        atOnce: meter.atOnce === null ? null : shareOf(meter.atOnce),
      }))
      return { ...(await local.take(workspaceId, stricter, lease)), meters: stricter, memory: local }
    }
  }
}

const shareOf = (limit: number) => Math.max(1, Math.floor(limit / localShare))
